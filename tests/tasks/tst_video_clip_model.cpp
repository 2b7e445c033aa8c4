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
    void takesShorterWindowsWhereTheModelDoes();
    void clipVectorsAreThePooledOnes();
    void partsAreMeansOverThePaddedClip();
    void cutsLongTextsWithANote();
    void refusesTextWithoutWords();

private:
    QTemporaryDir m_folder;
    /// A small random checkpoint as a training run writes it.
    tasks::CheckpointInfo checkpoint(std::int64_t maxSeconds = 32) const
    {
        model::VideoClipConfig config;
        config.video.maxSeconds = maxSeconds;
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
    static at::Tensor features(std::int64_t seconds)
    {
        Random random({ 3 });
        at::Tensor rows = at::empty({ seconds, 8 }, at::kFloat);
        for (std::int64_t i = 0; i < rows.numel(); ++i)
            rows.mutable_data_ptr<float>()[i] = static_cast<float>(random.uniform());
        return rows;
    }
    static bool near(const at::Tensor& a, const at::Tensor& b)
    {
        return a.sizes() == b.sizes() && (a - b).abs().max().item<double>() < 1e-4;
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
    const at::Tensor video = features(40);
    const auto states = (*loaded)->secondStates(video);
    const auto alone = [&](std::int64_t start, std::int64_t stop) {
        const auto part = video.slice(0, start, stop).unsqueeze(0);
        return network->video()
            .secondStates(part, at::ones({ 1, stop - start }, at::kBool), model::ClsKey::Masked)[0]
            .detach();
    };
    const auto first = alone(0, 32), second = alone(16, 40);
    QVERIFY(near(states.slice(0, 0, 16), first.slice(0, 0, 16)));
    QVERIFY(near(states.slice(0, 16, 32), (first.slice(0, 16, 32) + second.slice(0, 0, 16)) / 2));
    QVERIFY(near(states.slice(0, 32, 40), second.slice(0, 16, 24)));
}

void TestVideoClipModel::takesShorterWindowsWhereTheModelDoes()
{
    const auto info = checkpoint(8);
    const auto loaded = tasks::loadEmbeddingModel(info);
    QVERIFY_RESULT(loaded);
    const at::Tensor video = features(20);
    const auto states = (*loaded)->secondStates(video);
    QCOMPARE(states.size(0), std::int64_t(20));
    const auto network = model::VideoClip::open(info.path);
    QVERIFY_RESULT(network);
    const auto first = network->video().secondStates(
        video.slice(0, 0, 8).unsqueeze(0), at::ones({ 1, 8 }, at::kBool), model::ClsKey::Masked)[0];
    QVERIFY(near(states.slice(0, 0, 4), first.slice(0, 0, 4).detach()));
}

void TestVideoClipModel::clipVectorsAreThePooledOnes()
{
    const auto device = test::testDevice();
    if (!device)
        QSKIP(device.error().message.c_str());
    const auto info = checkpoint();
    const auto loaded = tasks::loadEmbeddingModel(info, *device);
    QVERIFY_RESULT(loaded);
    const auto network = model::VideoClip::open(info.path);
    QVERIFY_RESULT(network);
    const at::Tensor video = features(40);
    // A clip beyond the model's length is cut to it.
    const std::vector<at::Tensor> clips{ video.slice(0, 3, 4), video, video.slice(0, 5, 12) };
    const auto vectors = (*loaded)->clipVectors(clips);
    for (std::size_t i = 0; i < clips.size(); ++i) {
        const at::Tensor clip = clips[i].slice(0, 0, 32).unsqueeze(0);
        const at::Tensor alone
            = network->video().encode(clip, at::ones({ 1, clip.size(1) }, at::kBool))[0];
        QVERIFY(near(vectors[static_cast<std::int64_t>(i)], alone.detach()));
    }
}

void TestVideoClipModel::partsAreMeansOverThePaddedClip()
{
    const auto info = checkpoint();
    const auto loaded = tasks::loadEmbeddingModel(info);
    QVERIFY_RESULT(loaded);
    const auto network = model::VideoClip::open(info.path);
    QVERIFY_RESULT(network);
    const at::Tensor video = features(7);
    const std::pair<std::int64_t, std::int64_t> parts[] = { { 0, 5 }, { 5, 10 } };
    const auto vectors = (*loaded)->partVectors(video, parts);
    const at::Tensor padded = at::constant_pad_nd(video, { 0, 0, 0, 25 }).unsqueeze(0);
    const at::Tensor states
        = network->video().secondStates(padded, at::arange(32).lt(7).unsqueeze(0))[0].detach();
    QVERIFY(near(vectors[0], states.slice(0, 0, 5).mean(0)));
    QVERIFY(near(vectors[1], states.slice(0, 5, 10).mean(0)));
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
