#include "support/verify.h"
#include "tensor/parameters.h"

#include <ATen/ATen.h>
#include <QtTest>

using namespace clipscope;

class TestParameterSet : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void includedWeightsAreTheSameWeights();
    void aLoadReportsEveryDifference();
    void aCompleteLoadConverts();
    void sharingCopiesNothing();
    void theStartDependsOnTheSeedAlone();
    void prefixesAreFoundAtWordBorders();
};

void TestParameterSet::includedWeightsAreTheSameWeights()
{
    tensor::ParameterSet inner, outer;
    const at::Tensor weight = inner.add("weight", { 2, 2 });
    outer.include("layer.", inner);
    outer.find("layer.weight").fill_(3.0);
    QVERIFY(weight.equal(at::full({ 2, 2 }, 3.0f)));
    outer.moveTo(at::kCPU, at::kDouble);
    QCOMPARE(weight.scalar_type(), at::kDouble);
    QCOMPARE(outer.elementCount(), 4);
}

void TestParameterSet::aLoadReportsEveryDifference()
{
    tensor::ParameterSet set;
    set.add("a", { 2 });
    set.add("b", { 3 });
    set.add("c", { 1 });
    tensor::TensorFile file;
    file.tensors["p.a"] = at::ones({ 2 });
    file.tensors["p.b"] = at::ones({ 4 });
    file.tensors["p.d"] = at::ones({ 1 });
    file.tensors["p.pooler.weight"] = at::ones({ 1 });
    file.tensors["other"] = at::ones({ 1 });
    const auto report = tensor::loadInto(set, file, { .prefix = "p." });
    QCOMPARE(report.missing, std::vector<std::string>{ "c" });
    QCOMPARE(report.unexpected, std::vector<std::string>{ "d" });
    QCOMPARE(report.wrongShape, std::vector<std::string>{ "b: file [4], network [3]" });
    QVERIFY(set.find("a").equal(at::ones({ 2 })));
    const auto all = tensor::loadAll(set, file, { .prefix = "p." }, "w.pth");
    QVERIFY_ERROR(all, ErrorKind::BadInput);
    QCOMPARE(all.error().place.toString(), std::string("w.pth: tensors named p.*"));
}

void TestParameterSet::aCompleteLoadConverts()
{
    tensor::ParameterSet set;
    set.add("a", { 2 });
    tensor::TensorFile file;
    file.tensors["a"] = at::full({ 2 }, 1.5, at::kHalf);
    const auto report = tensor::loadAll(set, file, {}, {});
    QVERIFY_RESULT(report);
    QCOMPARE(report->toString(), std::string());
    QVERIFY(set.find("a").equal(at::full({ 2 }, 1.5f)));
}

void TestParameterSet::sharingCopiesNothing()
{
    tensor::ParameterSet set;
    const at::Tensor weight = set.add("a", { 2 });
    tensor::TensorFile file;
    file.tensors["a"] = at::ones({ 2 });
    tensor::LoadOptions options;
    options.share = true;
    QVERIFY(tensor::loadInto(set, file, options).complete());
    QCOMPARE(weight.const_data_ptr(), file.tensors["a"].const_data_ptr());
}

void TestParameterSet::theStartDependsOnTheSeedAlone()
{
    tensor::ParameterSet first, second;
    for (tensor::ParameterSet* set : { &first, &second }) {
        set->add("dense.weight", { 100, 100 });
        set->add("dense.bias", { 100 });
        set->add("LayerNorm.weight", { 100 });
        set->initialise(Random({ 1, 2 }));
    }
    QVERIFY(first.find("dense.weight").equal(second.find("dense.weight")));
    const double deviation = first.find("dense.weight").std().item<double>();
    QVERIFY(std::abs(deviation - 0.02) < 0.001);
    QVERIFY(first.find("dense.bias").equal(at::zeros({ 100 })));
    QVERIFY(first.find("LayerNorm.weight").equal(at::ones({ 100 })));
    second.initialise(Random({ 1, 3 }));
    QVERIFY(!first.find("dense.weight").equal(second.find("dense.weight")));
}

void TestParameterSet::prefixesAreFoundAtWordBorders()
{
    tensor::TensorFile file;
    file.tensors["model.mmmodel.fc.weight"] = at::ones({ 1 });
    file.tensors["model.other_fc.weight"] = at::ones({ 1 });
    QCOMPARE(tensor::prefixOf(file, "fc.weight").value_or("none"), std::string("model.mmmodel."));
    QVERIFY(!tensor::prefixOf(file, "fc.bias").has_value());
}

QTEST_GUILESS_MAIN(TestParameterSet)
#include "tst_parameters.moc"
