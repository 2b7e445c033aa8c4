#include "tasks/video_clip_model.h"

#include "base/hash.h"
#include "model/video_clip.h"
#include "support/made_up_films.h"
#include "support/test_device.h"
#include "support/verify.h"
#include "tensor/tensor_file.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

using namespace clipscope;

class TestVideoClipModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void windowsEndWithTheFirstThatReachesTheEnd_data();
    void windowsEndWithTheFirstThatReachesTheEnd();
    void averagesStatesWhereWindowsOverlap();
    void cutsLongTextsWithANote();
    void refusesTextWithoutWords();

private:
    QTemporaryDir m_folder;
    /// A small random checkpoint as a training run writes it.
    tasks::CheckpointInfo checkpoint() const
    {
        model::VideoClipConfig config;
        for (model::BertConfig* bert : { &config.video.bert, &config.text.bert }) {
            bert->width = 16;
            bert->layers = 1;
            bert->heads = 2;
            bert->feedForward = 32;
            bert->vocabulary = 16;
            bert->positions = 64;
        }
        config.video.inputWidth = 8;
        config.video.clsId = 2;
        config.video.sepId = 3;
        model::VideoClip network(config);
        network.parameters().initialise(Random({ 1 }), 0.5);
        tensor::TensorFile file;
        network.parameters().exportTo(file);
        file.metadata["clipscope.config"] = model::toJsonText(config);
        file.metadata["clipscope.vocabulary"] = test::madeUpVocabulary();
        const std::filesystem::path path
            = std::filesystem::path(m_folder.path().toStdString()) / "tiny.safetensors";
        if (!tensor::writeSafetensors(path, file))
            qFatal("the checkpoint cannot be written");
        return { "tiny", "Tiny", tasks::CheckpointKind::VideoClip, path, "made-up", {} };
    }
};

void TestVideoClipModel::windowsEndWithTheFirstThatReachesTheEnd_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<int>("windows");
    QTest::addColumn<int>("lastStart");
    QTest::newRow("one second") << 1 << 1 << 0;
    QTest::newRow("exactly one") << 32 << 1 << 0;
    QTest::newRow("one more") << 33 << 2 << 16;
    QTest::newRow("two exactly") << 48 << 2 << 16;
    QTest::newRow("long") << 100 << 6 << 80;
}

void TestVideoClipModel::windowsEndWithTheFirstThatReachesTheEnd()
{
    QFETCH(int, seconds);
    QFETCH(int, windows);
    QFETCH(int, lastStart);
    const auto all = tasks::stateWindows(seconds);
    QCOMPARE(static_cast<int>(all.size()), windows);
    QCOMPARE(static_cast<int>(all.back().first), lastStart);
    QCOMPARE(static_cast<int>(all.back().second), seconds);
}

void TestVideoClipModel::averagesStatesWhereWindowsOverlap()
{
    const auto device = test::testDevice();
    if (!device)
        QSKIP(device.error().message.c_str());
    const auto info = checkpoint();
    const auto loaded = tasks::loadEmbeddingModel(info, *device);
    QVERIFY_RESULT(loaded);
    const auto network = model::VideoClip::open(info.path);
    QVERIFY_RESULT(network);
    Random random({ 3 });
    const at::Tensor features = at::empty({ 40, 8 }, at::kFloat);
    for (std::int64_t i = 0; i < features.numel(); ++i)
        features.mutable_data_ptr<float>()[i] = static_cast<float>(random.uniform());
    const auto states = (*loaded)->secondStates(features);
    const auto alone = [&](std::int64_t start, std::int64_t stop) {
        const auto part = features.slice(0, start, stop).unsqueeze(0);
        return network->video()
            .secondStates(part, at::ones({ 1, stop - start }, at::kBool), model::ClsKey::Masked)[0]
            .detach();
    };
    const auto first = alone(0, 32), second = alone(16, 40);
    const auto near = [](const at::Tensor& a, const at::Tensor& b) {
        return (a - b).abs().max().item<double>() < 1e-4;
    };
    QVERIFY(near(states.slice(0, 0, 16), first.slice(0, 0, 16)));
    QVERIFY(near(states.slice(0, 16, 32), (first.slice(0, 16, 32) + second.slice(0, 0, 16)) / 2));
    QVERIFY(near(states.slice(0, 32, 40), second.slice(0, 16, 24)));
}

void TestVideoClipModel::cutsLongTextsWithANote()
{
    const auto loaded = tasks::loadEmbeddingModel(checkpoint());
    QVERIFY_RESULT(loaded);
    std::string text;
    for (int i = 0; i < 10'000; ++i)
        text += "fish ";
    const std::string cut[] = { text }, shortText[] = { "a fish" };
    const auto embedded = (*loaded)->embedTexts(cut);
    QVERIFY_RESULT(embedded);
    QCOMPARE(embedded->notes.size(), std::size_t(1));
    QVERIFY((*loaded)->embedTexts(shortText)->notes.empty());
}

void TestVideoClipModel::refusesTextWithoutWords()
{
    const auto loaded = tasks::loadEmbeddingModel(checkpoint());
    QVERIFY_RESULT(loaded);
    for (const char* text : { "", "   ", "\n\t" }) {
        const std::string empty[] = { text };
        QVERIFY_ERROR((*loaded)->embedTexts(empty), ErrorKind::BadInput);
    }
}

QTEST_GUILESS_MAIN(TestVideoClipModel)
#include "tst_video_clip_model.moc"
