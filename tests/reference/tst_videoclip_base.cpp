#include "base/json.h"
#include "model/video_clip.h"
#include "support/formula_weights.h"
#include "support/test_device.h"
#include "support/verify.h"
#include "tensor/device.h"

#include <QtTest>

using namespace clipscope;

namespace {

at::Tensor withoutSecondColumn(const at::Tensor& rows)
{
    return at::cat({ rows.narrow(1, 0, 1), rows.narrow(1, 2, rows.size(1) - 2) }, 1);
}

} // namespace

/// The full size, weights by formula under the names of a fairseq file.
class TestVideoClipBase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void outputsAndGradientNormsAgree();
};

void TestVideoClipBase::outputsAndGradientNormsAgree()
{
    const auto folder = test::fixturesFolder();
    if (!std::filesystem::exists(folder / "videoclip_base_names.json"))
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const auto device = test::testDevice();
    if (!device)
        QSKIP(device.error().message.c_str());
    const auto names = readJson(folder / "videoclip_base_names.json");
    auto stored = tensor::readSafetensors(folder / "videoclip_base_io.safetensors");
    QVERIFY_RESULT(names);
    QVERIFY_RESULT(stored);
    auto& io = stored->tensors;
    for (auto& [name, tensor] : io)
        tensor = tensor.to(*device);
    const std::string prefix = (*names)["prefix"];
    const auto weights = test::formulaFile((*names)["tensors"]);
    const auto config = model::videoClipConfigFromTensors(weights, prefix);
    QVERIFY_RESULT(config);
    model::VideoClip network(*config);
    const auto report = tensor::loadAll(
        network.parameters(), weights, { .prefix = prefix, .share = true }, "videoclip_base");
    QVERIFY_RESULT(report);
    QCOMPARE(report->toString(), std::string());

    network.parameters().moveTo(*device, at::kFloat);
    network.parameters().setRequiresGrad(true);
    const at::Tensor ids = withoutSecondColumn(io.at("caps"));
    const at::Tensor textMask = withoutSecondColumn(io.at("cmasks")).to(at::kBool);
    const at::Tensor videoMask = io.at("vmasks").to(at::kBool);
    {
        const tensor::InferenceScope inference;
        QVERIFY_WITHIN(test::distance(network.video().hidden(io.at("vfeats"), videoMask),
                           io.at("video_hidden")),
            1e-4);
        QVERIFY_WITHIN(
            test::distance(network.text().hidden(ids, textMask), io.at("text_hidden")), 1e-4);
    }
    const at::Tensor video = network.video().encode(io.at("vfeats"), videoMask);
    const at::Tensor text = network.text().encode(ids, textMask);
    QVERIFY_WITHIN(test::distance(video, io.at("pooled_video")), 1e-4);
    QVERIFY_WITHIN(test::distance(text, io.at("pooled_text")), 1e-4);
    QVERIFY_WITHIN(
        test::relativeDistance(at::mm(text, video.t()), io.at("similarity_text_video")), 1e-5);
    const auto loss = model::contrastiveLoss(video, text);
    QVERIFY_WITHIN(test::distance(loss.total.view({ 1 }), io.at("loss")), 1e-4);

    loss.total.backward();
    for (const Json& item : (*names)["tensors"]) {
        const auto name = item["name"].get<std::string>();
        // The poolers and the counters have none.
        if (!item.contains("grad_norm") || !item["grad_norm"].is_number()
            || name.ends_with("attention.self.key.bias"))
            continue;
        const at::Tensor weight = network.parameters().find(name.substr(prefix.size()));
        QVERIFY2(weight.defined() && weight.grad().defined(), name.c_str());
        const double wanted = item["grad_norm"].get<double>();
        // A float32 sum of millions of squares would be off by more than the bound.
        const double got = weight.grad().to(at::kDouble).norm().item<double>();
        const std::string detail = name + ": " + std::to_string(got / wanted - 1.0);
        QVERIFY2(std::abs(got - wanted) <= 1e-4 * wanted, detail.c_str());
    }
}

QTEST_GUILESS_MAIN(TestVideoClipBase)
#include "tst_videoclip_base.moc"
