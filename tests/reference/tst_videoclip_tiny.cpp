#include "base/json.h"
#include "model/video_clip.h"
#include "support/formula_weights.h"
#include "support/test_device.h"
#include "support/verify.h"
#include "tensor/device.h"

#include <QtTest>

#include <optional>

using namespace clipscope;

namespace {

constexpr double outputBound = 1e-5;

/// The text tower sees the collator's rows without their second column ([SEP]).
at::Tensor withoutSecondColumn(const at::Tensor& rows)
{
    return at::cat({ rows.narrow(1, 0, 1), rows.narrow(1, 2, rows.size(1) - 2) }, 1);
}

} // namespace

class TestVideoClipTiny : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }
    void outputsAgree_data();
    void outputsAgree();
    void everyLayerAgrees();
    void maskingClsAgrees();
    void gradientsAgree();

private:
    const at::Tensor& io(const std::string& name) const { return m_io.tensors.at(name); }
    at::Tensor ids(const std::string& batch) const
    {
        return withoutSecondColumn(io(batch + ".caps"));
    }
    at::Tensor textMask(const std::string& batch) const
    {
        return withoutSecondColumn(io(batch + ".cmasks")).to(at::kBool);
    }
    at::Tensor videoMask(const std::string& batch) const
    {
        return io(batch + ".vmasks").to(at::kBool);
    }

    Json m_json;
    tensor::TensorFile m_io;
    std::optional<model::VideoClip> m_model;
};

void TestVideoClipTiny::initTestCase()
{
    const auto folder = test::fixturesFolder();
    if (!std::filesystem::exists(folder / "videoclip_tiny.json"))
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const auto device = test::testDevice();
    if (!device)
        QSKIP(device.error().message.c_str());
    const auto json = readJson(folder / "videoclip_tiny.json");
    QVERIFY_RESULT(json);
    m_json = *json;
    const auto io = tensor::readSafetensors(folder / "videoclip_tiny_io.safetensors");
    QVERIFY_RESULT(io);
    m_io = *io;
    const Json& sizes = m_json["config"];
    model::VideoClipConfig config;
    model::BertConfig bert;
    bert.vocabulary = sizes["vocab_size"].get<std::int64_t>();
    bert.width = sizes["hidden_size"].get<std::int64_t>();
    bert.heads = sizes["num_attention_heads"].get<std::int64_t>();
    bert.feedForward = sizes["intermediate_size"].get<std::int64_t>();
    bert.positions = sizes["max_position_embeddings"].get<std::int64_t>();
    bert.tokenTypes = sizes["type_vocab_size"].get<std::int64_t>();
    bert.dropout = sizes["hidden_dropout_prob"].get<double>();
    config.video.bert = config.text.bert = bert;
    config.video.bert.layers = sizes["video_layers"].get<std::int64_t>();
    config.text.bert.layers = sizes["text_layers"].get<std::int64_t>();
    config.video.inputWidth = sizes["video_input_dim"].get<std::int64_t>();
    config.video.maxSeconds = m_io.tensors.at("batch0.vfeats").size(1);
    config.video.clsId = m_io.tensors.at("batch0.caps")[0][0].item<std::int64_t>();
    config.video.sepId = m_io.tensors.at("batch0.caps")[0][1].item<std::int64_t>();
    QVERIFY_RESULT(model::checkConfig(config));
    m_model.emplace(config);
    const auto weights = tensor::readSafetensors(folder / "videoclip_tiny.safetensors");
    QVERIFY_RESULT(weights);
    const auto report = tensor::loadAll(m_model->parameters(), *weights, {}, "videoclip_tiny");
    QVERIFY_RESULT(report);
    QCOMPARE(report->toString(), std::string());
    m_model->parameters().moveTo(*device, at::kFloat);
    for (auto& [name, tensor] : m_io.tensors)
        tensor = tensor.to(*device);
}

void TestVideoClipTiny::outputsAgree_data()
{
    QTest::addColumn<QString>("batch");
    for (int i = 0; m_io.tensors.contains("batch" + std::to_string(i) + ".caps"); ++i)
        QTest::addRow("batch %d", i) << QStringLiteral("batch%1").arg(i);
}

void TestVideoClipTiny::outputsAgree()
{
    QFETCH(QString, batch);
    const std::string name = batch.toStdString();
    const tensor::InferenceScope inference;
    const at::Tensor features = io(name + ".vfeats");
    const at::Tensor videoHidden = m_model->video().hidden(features, videoMask(name));
    const at::Tensor textHidden = m_model->text().hidden(ids(name), textMask(name));
    QVERIFY_WITHIN(test::distance(videoHidden, io(name + ".video_hidden")), outputBound);
    QVERIFY_WITHIN(test::distance(textHidden, io(name + ".text_hidden")), outputBound);
    const at::Tensor video = m_model->video().encode(features, videoMask(name));
    const at::Tensor text = m_model->text().encode(ids(name), textMask(name));
    QVERIFY_WITHIN(test::distance(video, io(name + ".pooled_video")), outputBound);
    QVERIFY_WITHIN(test::distance(text, io(name + ".pooled_text")), outputBound);
    // Sums of D products: the bound grows with their size.
    QVERIFY_WITHIN(
        test::relativeDistance(at::mm(text, video.t()), io(name + ".similarity_text_video")),
        outputBound);
    const auto loss = model::contrastiveLoss(video, text);
    QVERIFY_WITHIN(test::distance(loss.total.view({ 1 }), io(name + ".loss")), outputBound);
    QVERIFY_WITHIN(test::distance(loss.videoToText.view({ 1 }), io(name + ".loss_video_to_text")),
        outputBound);
    QVERIFY_WITHIN(test::distance(loss.textToVideo.view({ 1 }), io(name + ".loss_text_to_video")),
        outputBound);
}

void TestVideoClipTiny::everyLayerAgrees()
{
    const tensor::InferenceScope inference;
    std::vector<at::Tensor> video, text;
    m_model->video().hidden(
        io("batch0.vfeats"), videoMask("batch0"), model::ClsKey::Visible, &video);
    m_model->text().hidden(ids("batch0"), textMask("batch0"), &text);
    QVERIFY_WITHIN(
        test::distance(m_model->video().videoMlp(io("batch0.vfeats")), io("batch0.videomlp")),
        outputBound);
    for (std::size_t i = 0; i < video.size(); ++i)
        QVERIFY_WITHIN(
            test::distance(video[i], io("batch0.video_layer" + std::to_string(i))), outputBound);
    for (std::size_t i = 0; i < text.size(); ++i)
        QVERIFY_WITHIN(
            test::distance(text[i], io("batch0.text_layer" + std::to_string(i))), outputBound);
}

void TestVideoClipTiny::maskingClsAgrees()
{
    const tensor::InferenceScope inference;
    const at::Tensor hidden
        = m_model->video().hidden(io("batch0.vfeats"), videoMask("batch0"), model::ClsKey::Masked);
    QVERIFY_WITHIN(test::distance(hidden, io("batch0.segment_video_hidden")), outputBound);
}

void TestVideoClipTiny::gradientsAgree()
{
    m_model->parameters().setRequiresGrad(true);
    const auto loss
        = model::contrastiveLoss(m_model->video().encode(io("batch0.vfeats"), videoMask("batch0")),
            m_model->text().encode(ids("batch0"), textMask("batch0")));
    loss.total.backward();
    std::size_t compared = 0;
    for (const auto& item : m_model->parameters().all()) {
        const auto expected = m_io.tensors.find("grad." + item.name);
        if (expected == m_io.tensors.end())
            continue;
        const at::Tensor gradient
            = item.tensor.grad().defined() ? item.tensor.grad() : at::zeros_like(item.tensor);
        // The true gradient of a key's bias is zero; what is stored is rounding noise.
        const double bound = item.name.ends_with("attention.self.key.bias")
            ? 1e-4
            : 1e-4 * std::max(1e-3, expected->second.abs().max().item<double>());
        QVERIFY2(test::distance(gradient, expected->second) <= bound, item.name.c_str());
        ++compared;
    }
    QCOMPARE(compared, m_model->parameters().all().size());
    m_model->parameters().setRequiresGrad(false);
    m_model->parameters().dropGradients();
}

QTEST_GUILESS_MAIN(TestVideoClipTiny)
#include "tst_videoclip_tiny.moc"
