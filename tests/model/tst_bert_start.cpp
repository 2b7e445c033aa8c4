#include "model/bert_start.h"

#include "base/random.h"
#include "support/verify.h"

#include <ATen/ATen.h>

using namespace clipscope;

namespace {

/// A BERT of 4 layers and 20 words, 12 positions, under Hugging Face's names.
tensor::TensorFile madeUpBert(const char* prefix)
{
    model::Bert bert({ .vocabulary = 20,
        .width = 16,
        .layers = 4,
        .heads = 2,
        .feedForward = 24,
        .positions = 12 });
    bert.parameters().initialise(Random({ 4 }), 0.5);
    tensor::TensorFile file;
    bert.parameters().exportTo(file, prefix);
    return file;
}

model::VideoClipConfig wanted()
{
    model::VideoClipConfig config;
    config.text.bert = {
        .vocabulary = 20, .width = 16, .layers = 1, .heads = 2, .feedForward = 64, .positions = 10
    };
    config.text.maxTokens = 8;
    config.video.bert = config.text.bert;
    config.video.bert.layers = 3;
    config.video.bert.vocabulary = 4;
    config.video.bert.positions = 6;
    config.video.maxSeconds = 4;
    config.video.inputWidth = 7;
    config.video.clsId = 2;
    config.video.sepId = 3;
    return config;
}

} // namespace

class TestBertStart final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void bothTowersBeginWithTheBert_data()
    {
        QTest::addColumn<QByteArray>("prefix");
        QTest::newRow("as converted") << QByteArray();
        QTest::newRow("as Hugging Face writes it") << QByteArray("bert.");
    }
    void bothTowersBeginWithTheBert()
    {
        QFETCH(QByteArray, prefix);
        const auto file = madeUpBert(prefix);
        QVERIFY(model::isBertAlone(file));
        const auto network = model::videoClipFromBert(file, wanted(), Random({ 1 }), "bert");
        QVERIFY_RESULT(network);
        QCOMPARE(network->config().text.bert.layers, std::int64_t(4));
        QCOMPARE(network->config().video.bert.layers, std::int64_t(3));
        QCOMPARE(network->config().video.bert.feedForward, std::int64_t(24));
        std::size_t fromBert = 0;
        for (const auto& parameter : network->parameters().all()) {
            for (const std::string tower : { "text_encoder.", "video_encoder.bert." }) {
                if (!parameter.name.starts_with(tower))
                    continue;
                const at::Tensor value
                    = file.tensors.at(prefix.toStdString() + parameter.name.substr(tower.size()));
                QVERIFY2(parameter.tensor.equal(value.narrow(0, 0, parameter.tensor.size(0))),
                    parameter.name.c_str());
                QVERIFY(!parameter.tensor.is_alias_of(value));
                ++fromBert;
            }
        }
        constexpr std::size_t embeddings = 5, layer = 16, videoMlp = 6;
        QCOMPARE(fromBert, 2 * embeddings + (4 + 3) * layer);
        QCOMPARE(network->parameters().all().size(), fromBert + videoMlp);
        QVERIFY(
            network->parameters().find("video_encoder.videomlp.linear1.weight").std().item<double>()
            > 0.0);
    }

    void whatDoesNotFitIsNamed()
    {
        auto settings = wanted();
        settings.video.bert.layers = 5;
        const auto deeper
            = model::videoClipFromBert(madeUpBert(""), settings, Random({ 1 }), "bert");
        QVERIFY_ERROR(deeper, ErrorKind::BadInput);
        QVERIFY(deeper.error().place.toString().find("encoder.layer.4.") != std::string::npos);

        settings = wanted();
        settings.text.bert.vocabulary = 21;
        const auto wider
            = model::videoClipFromBert(madeUpBert(""), settings, Random({ 1 }), "bert");
        QVERIFY_ERROR(wider, ErrorKind::BadInput);
        QVERIFY(wider.error().message.find("word_embeddings") != std::string::npos);
    }

    void aVideoClipModelIsNoBertAlone()
    {
        const model::VideoClip network(wanted());
        tensor::TensorFile file;
        network.parameters().exportTo(file);
        QVERIFY(!model::isBertAlone(file));
        QVERIFY(!model::isBertAlone({}));
    }
};

QTEST_GUILESS_MAIN(TestBertStart)
#include "tst_bert_start.moc"
