#include "base/files.h"
#include "model/video_clip.h"
#include "support/formula_weights.h"
#include "support/verify.h"
#include "tensor/device.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace clipscope;

namespace {

model::VideoClipConfig smallConfig()
{
    model::VideoClipConfig config;
    config.video.bert = { .vocabulary = 50,
        .width = 16,
        .layers = 1,
        .heads = 2,
        .feedForward = 32,
        .positions = 40,
        .dropout = 0.25 };
    config.text.bert = config.video.bert;
    config.text.bert.layers = 2;
    config.video.inputWidth = 8;
    config.video.maxSeconds = 6;
    config.video.clsId = 1;
    config.video.sepId = 2;
    config.text.maxTokens = 30;
    return config;
}

} // namespace

class TestVideoClip : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void theConfigSurvivesItsText();
    void badConfigsAreNamed_data();
    void badConfigsAreNamed();
    void aCheckpointOpensAsItWasWritten();
    void aCheckpointWithAMissingWeightIsNamed();
    void aFileOfSomethingElseIsRefused();
    void sizesAreReadOffTheShapes();
    void theLossIsTheSumOfBothDirections();

private:
    QTemporaryDir m_folder;
};

void TestVideoClip::theConfigSurvivesItsText()
{
    const auto config = smallConfig();
    const auto back = model::videoClipConfigFromJson(model::toJsonText(config));
    QVERIFY_RESULT(back);
    QVERIFY(*back == config);
}

void TestVideoClip::badConfigsAreNamed_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("named");
    QTest::newRow("heads") << "\"heads\":2"
                           << "\"heads\":3"
                           << "video.bert.heads";
    QTest::newRow("zero width") << "\"width\":16"
                                << "\"width\":0"
                                << "video.bert.width";
    QTest::newRow("huge") << "\"vocabulary\":50"
                          << "\"vocabulary\":5000000000"
                          << "video.bert.vocabulary";
    QTest::newRow("missing") << "\"input-width\""
                             << "\"other\""
                             << "video.input-width";
    QTest::newRow("too long") << "\"positions\":40"
                              << "\"positions\":7"
                              << "video.bert.positions";
    QTest::newRow("cls") << "\"cls-id\":1"
                         << "\"cls-id\":50"
                         << "video.cls-id";
    QTest::newRow("broken") << "{"
                            << "["
                            << "line 1";
}

void TestVideoClip::badConfigsAreNamed()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QString, named);
    QString text = QString::fromStdString(model::toJsonText(smallConfig()));
    QVERIFY(text.contains(from));
    text.replace(from, to);
    const auto config = model::videoClipConfigFromJson(text.toStdString());
    QVERIFY_ERROR(config, ErrorKind::BadInput);
    QVERIFY2(config.error().toString().find(named.toStdString()) != std::string::npos,
        config.error().toString().c_str());
}

void TestVideoClip::aCheckpointOpensAsItWasWritten()
{
    const tensor::InferenceScope inference;
    model::VideoClip written(smallConfig());
    written.parameters().initialise(Random({ 3 }), 0.3);
    tensor::TensorFile file;
    written.parameters().exportTo(file, "model.");
    file.metadata["clipscope.config"] = model::toJsonText(written.config());
    const auto path = pathFromUtf8(m_folder.filePath("a.safetensors").toStdString());
    QVERIFY_RESULT(tensor::writeSafetensors(path, file));

    const auto opened = model::VideoClip::open(path);
    QVERIFY_RESULT(opened);
    QVERIFY(opened->config() == written.config());
    const at::Tensor features = at::rand({ 2, 4, 8 }), mask = at::ones({ 2, 4 }, at::kBool);
    QVERIFY(opened->video().encode(features, mask).equal(written.video().encode(features, mask)));
}

void TestVideoClip::aCheckpointWithAMissingWeightIsNamed()
{
    model::VideoClip written(smallConfig());
    written.parameters().initialise(Random({ 3 }));
    tensor::TensorFile file;
    written.parameters().exportTo(file);
    file.tensors.erase("text_encoder.encoder.layer.1.output.dense.bias");
    file.metadata["clipscope.config"] = model::toJsonText(written.config());
    const auto path = pathFromUtf8(m_folder.filePath("b.safetensors").toStdString());
    QVERIFY_RESULT(tensor::writeSafetensors(path, file));
    const auto opened = model::VideoClip::open(path);
    QVERIFY_ERROR(opened, ErrorKind::BadInput);
    QVERIFY(opened.error().message.find("text_encoder.encoder.layer.1.output.dense.bias")
        != std::string::npos);
}

void TestVideoClip::aFileOfSomethingElseIsRefused()
{
    tensor::TensorFile file;
    file.tensors["x"] = at::zeros({ 3 });
    const auto path = pathFromUtf8(m_folder.filePath("c.safetensors").toStdString());
    QVERIFY_RESULT(tensor::writeSafetensors(path, file));
    QVERIFY_ERROR(model::VideoClip::open(path), ErrorKind::BadInput);
    QVERIFY_ERROR(model::VideoClip::open(path.parent_path() / "none"), ErrorKind::NotFound);
}

void TestVideoClip::sizesAreReadOffTheShapes()
{
    auto config = smallConfig();
    config.video.bert.width = config.text.bert.width = 128;
    config.video.bert.vocabulary = config.text.bert.vocabulary = 200;
    config.video.clsId = 101;
    config.video.sepId = 102;
    const model::VideoClip network(config);
    tensor::TensorFile file;
    network.parameters().exportTo(file, "mmmodel.");
    const auto prefix = tensor::prefixOf(file, "video_encoder.videomlp.linear1.weight");
    QCOMPARE(prefix.value_or("none"), std::string("mmmodel."));
    // maxSeconds and dropout are not in any shape and take the published values.
    const auto read = model::videoClipConfigFromTensors(file, *prefix);
    QVERIFY_ERROR(read, ErrorKind::BadInput);
    config.video.bert.positions = config.text.bert.positions = 100;
    const model::VideoClip longer(config);
    longer.parameters().exportTo(file, "mmmodel.");
    const auto again = model::videoClipConfigFromTensors(file, *prefix);
    QVERIFY_RESULT(again);
    QCOMPARE(again->video.bert.layers, 1);
    QCOMPARE(again->text.bert.layers, 2);
    QCOMPARE(again->video.bert.heads, 2);
    QCOMPARE(again->video.inputWidth, 8);
    QCOMPARE(again->video.maxSeconds, 32);
}

void TestVideoClip::theLossIsTheSumOfBothDirections()
{
    const at::Tensor video = at::tensor({ 1.0f, 0.0f, 0.0f, 2.0f }).view({ 2, 2 });
    const at::Tensor text = at::tensor({ 1.0f, 1.0f, 0.0f, 1.0f }).view({ 2, 2 });
    // scores: rows video, columns text = [[1, 0], [2, 2]]
    const auto loss = model::contrastiveLoss(video, text);
    const double videoToText = (std::log1p(std::exp(-1.0)) + std::log(2.0)) / 2.0;
    const double textToVideo = (std::log1p(std::exp(1.0)) + std::log1p(std::exp(-2.0))) / 2.0;
    QVERIFY_WITHIN(std::abs(loss.videoToText.item<double>() - videoToText), 1e-6);
    QVERIFY_WITHIN(std::abs(loss.textToVideo.item<double>() - textToVideo), 1e-6);
    QVERIFY_WITHIN(std::abs(loss.total.item<double>() - videoToText - textToVideo), 1e-6);
}

QTEST_GUILESS_MAIN(TestVideoClip)
#include "tst_video_clip.moc"
