#include "base/files.h"
#include "base/json.h"
#include "model/towers.h"
#include "support/formula_weights.h"
#include "support/verify.h"
#include "tensor/device.h"
#include "tensor/torch_file.h"

#include <QtTest>

using namespace clipscope;

namespace {

model::BertConfig smallBert()
{
    return { .vocabulary = 50,
        .width = 16,
        .layers = 2,
        .heads = 2,
        .feedForward = 32,
        .positions = 40,
        .dropout = 0.5 };
}

model::VideoTower videoTower()
{
    model::VideoTower tower(
        { .bert = smallBert(), .inputWidth = 8, .maxSeconds = 6, .clsId = 1, .sepId = 2 });
    tower.parameters().initialise(Random({ 7 }), 0.3);
    return tower;
}

model::TextTower textTower(model::Pooling pooling = model::Pooling::Reference)
{
    model::TextTower tower({ .bert = smallBert(), .pooling = pooling, .maxTokens = 30 });
    tower.parameters().initialise(Random({ 8 }), 0.3);
    return tower;
}

at::Tensor boolRow(const std::vector<std::int64_t>& values)
{
    return at::tensor(values, at::kLong).to(at::kBool).unsqueeze(0);
}

/// all-MiniLM-L6-v2: inside the installed starter, or as fetched for making it.
std::optional<std::pair<std::filesystem::path, std::string>> miniLmFile()
{
    const auto starter = modelsFolder() / "starter.safetensors";
    if (std::filesystem::exists(starter))
        return std::pair(starter, "text.");
    const auto fetched
        = std::filesystem::path(CLIPSCOPE_SOURCE_DIR) / ".deps/starter/minilm/model.safetensors";
    if (std::filesystem::exists(fetched))
        return std::pair(fetched, "");
    return std::nullopt;
}

} // namespace

class TestTowers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void paddingChangesNothing();
    void aClipWithoutSecondsHasAVector();
    void textsWithoutTokensAreZero();
    void secondStatesLeaveOutTheFrame();
    void referencePoolingLeavesOutCls();
    void dropoutIsOnlyForTraining();
    void inferenceKeepsNoGraph();
    void miniLmLoadsAsItIs();
};

void TestTowers::paddingChangesNothing()
{
    const tensor::InferenceScope inference;
    const auto video = videoTower();
    const at::Tensor features = at::rand({ 1, 6, 8 });
    const at::Tensor mask = boolRow({ 1, 1, 1, 0, 0, 0 });
    const at::Tensor padded = model::pooled(video.hidden(features, mask),
        boolRow({ 1, 1, 1, 1, 0, 0, 0, 1 }), model::Pooling::Reference);
    QVERIFY_WITHIN(test::distance(video.encode(features, mask), padded), 1e-5);

    const auto text = textTower();
    const at::Tensor ids = at::tensor({ 1, 9, 8, 2, 0, 0 }, at::kLong).unsqueeze(0);
    const at::Tensor words = boolRow({ 1, 1, 1, 1, 0, 0 });
    const at::Tensor full
        = model::pooled(text.hidden(ids, words), words, model::Pooling::Reference);
    QVERIFY_WITHIN(test::distance(text.encode(ids, words), full), 1e-5);
}

void TestTowers::aClipWithoutSecondsHasAVector()
{
    const tensor::InferenceScope inference;
    const auto video = videoTower();
    const at::Tensor vector = video.encode(at::rand({ 2, 4, 8 }), at::zeros({ 2, 4 }, at::kBool));
    QCOMPARE(vector.sizes(), at::IntArrayRef({ 2, 16 }));
    QVERIFY(vector.isfinite().all().item<bool>());
}

void TestTowers::textsWithoutTokensAreZero()
{
    const auto text = textTower();
    const at::Tensor vectors
        = text.encode(at::zeros({ 2, 5 }, at::kLong), at::zeros({ 2, 5 }, at::kBool));
    QVERIFY(vectors.equal(at::zeros({ 2, 16 })));
}

void TestTowers::secondStatesLeaveOutTheFrame()
{
    const tensor::InferenceScope inference;
    const auto video = videoTower();
    const at::Tensor features = at::rand({ 1, 5, 8 }), mask = at::ones({ 1, 5 }, at::kBool);
    const at::Tensor hidden = video.hidden(features, mask);
    QCOMPARE(hidden.sizes(), at::IntArrayRef({ 1, 7, 16 }));
    QVERIFY(video.secondStates(features, mask).equal(hidden.narrow(1, 1, 5)));
}

void TestTowers::referencePoolingLeavesOutCls()
{
    const at::Tensor hidden = at::tensor({ 100.0f, 1.0f, 3.0f, 50.0f }).view({ 1, 4, 1 });
    const at::Tensor mask = boolRow({ 1, 1, 1, 0 });
    QCOMPARE(model::pooled(hidden, mask, model::Pooling::Reference).item<float>(), 2.0f);
    QCOMPARE(model::pooled(hidden, mask, model::Pooling::AllValid).item<float>(), 104.0f / 3.0f);
    const at::Tensor none = at::zeros({ 1, 4 }, at::kBool);
    QCOMPARE(model::pooled(hidden, none, model::Pooling::AllValid).item<float>(), 0.0f);
}

void TestTowers::dropoutIsOnlyForTraining()
{
    const tensor::InferenceScope inference;
    auto text = textTower();
    const at::Tensor ids = at::tensor({ 1, 9, 8, 2 }, at::kLong).unsqueeze(0);
    const at::Tensor mask = at::ones({ 1, 4 }, at::kBool);
    QVERIFY(text.encode(ids, mask).equal(text.encode(ids, mask)));
    text.setTraining(true);
    QVERIFY(!text.encode(ids, mask).equal(text.encode(ids, mask)));
    tensor::seedRandom(5);
    const at::Tensor first = text.encode(ids, mask);
    tensor::seedRandom(5);
    QVERIFY(text.encode(ids, mask).equal(first));
}

void TestTowers::inferenceKeepsNoGraph()
{
    auto text = textTower();
    text.parameters().setRequiresGrad(true);
    const at::Tensor ids = at::tensor({ 1, 9, 2 }, at::kLong).unsqueeze(0);
    const at::Tensor mask = at::ones({ 1, 3 }, at::kBool);
    QVERIFY(text.encode(ids, mask).requires_grad());
    const tensor::InferenceScope inference;
    QVERIFY(!text.encode(ids, mask).requires_grad());
}

void TestTowers::miniLmLoadsAsItIs()
{
    const auto found = miniLmFile();
    if (!found)
        QSKIP("all-MiniLM-L6-v2 is not on this machine; ./dev run fetches it");
    const auto json
        = readJson(std::filesystem::path(CLIPSCOPE_SOURCE_DIR) / "tests/data/minilm/expected.json");
    const auto file = tensor::readTensors(found->first);
    QVERIFY_RESULT(json);
    QVERIFY_RESULT(file);
    model::TextTower tower(
        { .bert = { .width = 384, .layers = 6, .heads = 12, .feedForward = 1536 },
            .pooling = model::Pooling::AllValid,
            .maxTokens = 254 });
    const auto report = tensor::loadAll(
        tower.parameters(), *file, { .prefix = found->second, .share = true }, found->first);
    QVERIFY_RESULT(report);
    const bool halves
        = file->tensors.at(found->second + "embeddings.LayerNorm.bias").scalar_type() == at::kHalf;

    const tensor::InferenceScope inference;
    const auto rows = (*json)["ids"].get<std::vector<std::vector<std::int64_t>>>();
    const auto means = (*json)["mean"].get<std::vector<std::vector<double>>>();
    const auto count = static_cast<std::int64_t>(rows.size());
    const at::Tensor ids = at::zeros({ count, 20 }, at::kLong);
    const at::Tensor mask = at::zeros({ count, 20 }, at::kBool);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto& row = rows[static_cast<std::size_t>(i)];
        const auto length = static_cast<std::int64_t>(row.size());
        ids[i].narrow(0, 0, length).copy_(at::tensor(row, at::kLong));
        mask[i].narrow(0, 0, length).fill_(true);
    }
    const at::Tensor vectors = tower.encode(ids, mask);
    for (std::int64_t i = 0; i < count; ++i)
        QVERIFY_WITHIN(
            test::distance(vectors[i], at::tensor(means[static_cast<std::size_t>(i)], at::kDouble)),
            halves ? 2e-2 : 2e-5);
}

QTEST_GUILESS_MAIN(TestTowers)
#include "tst_towers.moc"
