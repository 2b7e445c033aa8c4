#include "base/guarded.h"
#include "base/random.h"
#include "model/efficientnet_lite.h"
#include "model/packed_attention.h"
#include "model/recompute.h"
#include "model/video_clip.h"
#include "support/formula_weights.h"
#include "support/verify.h"
#include "tensor/device.h"

#include <QtTest>

using namespace clipscope;

namespace {

const std::vector<std::int64_t> lengths{ 1, 2, 5, 5, 9, 40 };
constexpr std::int64_t tokenCount = 62;

struct Attended
{
    at::Tensor output;
    std::vector<at::Tensor> gradients;
};

/// On the CPU again, in float32.
at::Tensor back(const at::Tensor& x)
{
    return x.to(at::kCPU, at::kFloat);
}

Attended attended(at::Device device, at::ScalarType type, std::int64_t heads, std::int64_t width)
{
    const auto made = [&](std::uint64_t t) {
        return test::formulaTensor(t, { tokenCount, heads * width }, 0.0, 1.0).to(device, type);
    };
    std::vector<at::Tensor> inputs{ made(1), made(2), made(3) };
    for (at::Tensor& input : inputs)
        input.set_requires_grad(true);
    const at::Tensor output = model::packedAttention(
        inputs[0], inputs[1], inputs[2], model::Sequences::on(device, lengths), heads, 0.0);
    (output * made(4)).sum().backward();
    return { back(output.detach()),
        { back(inputs[0].grad()), back(inputs[1].grad()), back(inputs[2].grad()) } };
}

model::VideoClipConfig smallConfig(double dropout)
{
    model::VideoClipConfig config;
    config.text.bert = config.video.bert = { .vocabulary = 50,
        .width = 64,
        .layers = 2,
        .heads = 4,
        .feedForward = 128,
        .positions = 64,
        .dropout = dropout };
    config.video.inputWidth = 24;
    config.video.clsId = 1;
    config.video.sepId = 2;
    return config;
}

/// Clips and texts of all lengths, one of each empty.
struct MadeUpBatch
{
    at::Tensor features, videoMask, ids, textMask;
};

MadeUpBatch madeUpBatch()
{
    constexpr std::int64_t B = 20, T = 32, L = 63;
    MadeUpBatch batch{ test::formulaTensor(7, { B, T, 24 }, 0.0, 1.0),
        at::zeros({ B, T }, at::kBool), at::arange(B * L, at::kLong).remainder(50).view({ B, L }),
        at::zeros({ B, L }, at::kBool) };
    for (std::int64_t i = 0; i < B; ++i) {
        batch.videoMask[i].narrow(0, 0, i * T / B).fill_(true);
        batch.textMask[i].narrow(0, 0, i * L / B).fill_(true);
    }
    return batch;
}

/// One pass of the towers and its gradients.
struct Pass
{
    at::Tensor video, text;
    std::vector<at::Tensor> gradients;
};

Pass passOn(const tensor::Compute& compute, bool recompute = false, double dropout = 0.0)
{
    model::VideoClip network(smallConfig(dropout));
    network.parameters().initialise(Random({ 5 }), 0.2);
    network.parameters().moveTo(compute.device, at::kFloat);
    network.parameters().setRequiresGrad(true);
    network.setTraining(true);
    network.setRecompute(recompute);
    const MadeUpBatch batch = madeUpBatch();
    tensor::seedRandom(3);
    at::Tensor video, text;
    {
        const tensor::AutocastScope autocast(compute);
        video = network.video().encode(batch.features, batch.videoMask).to(at::kFloat);
        text = network.text().encode(batch.ids, batch.textMask).to(at::kFloat);
    }
    model::contrastiveLoss(video, text).total.backward();
    Pass pass{ back(video.detach()), back(text.detach()), {} };
    for (const auto& parameter : network.parameters().all())
        if (parameter.tensor.grad().defined())
            pass.gradients.push_back(back(parameter.tensor.grad()));
    return pass;
}

double cosine(const at::Tensor& a, const at::Tensor& b)
{
    return at::cosine_similarity(a.flatten(), b.flatten(), 0).item<double>();
}

} // namespace

/// What a graphics card computes, against the same on the CPU.
class TestOnCard final : public QObject
{
    Q_OBJECT

private:
    at::Device m_card = at::kCPU;

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void initTestCase()
    {
        const auto compute
            = tensor::resolveCompute(tensor::DeviceWish::Cuda, tensor::PrecisionWish::Auto);
        if (!compute)
            QSKIP(compute.error().message.c_str());
        m_card = compute->device;
        QCOMPARE(compute->precision, at::kBFloat16);
        QCOMPARE(compute->toString(), std::string("GPU cuda:0, bfloat16"));
    }

    void attentionIsThatOfTheCpu_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("width"); // of a head
        QTest::addColumn<double>("bound");
        for (const int width : { 3, 4, 8, 12, 32, 64 }) {
            QTest::addRow("float32, width %d", width) << int(at::kFloat) << width << 1e-5;
            QTest::addRow("bfloat16, width %d", width) << int(at::kBFloat16) << width << 3e-2;
            QTest::addRow("float16, width %d", width) << int(at::kHalf) << width << 5e-3;
        }
    }
    void attentionIsThatOfTheCpu()
    {
        QFETCH(int, type);
        QFETCH(int, width);
        QFETCH(double, bound);
        const Attended exact = attended(at::kCPU, at::kFloat, 3, width);
        const Attended found = attended(m_card, static_cast<at::ScalarType>(type), 3, width);
        QVERIFY_WITHIN(test::relativeDistance(found.output, exact.output), bound);
        for (std::size_t i = 0; i < exact.gradients.size(); ++i)
            QVERIFY_WITHIN(test::relativeDistance(found.gradients[i], exact.gradients[i]), bound);
    }

    void droppedAttentionKeepsItsMean_data()
    {
        QTest::addColumn<int>("type");
        QTest::newRow("float32") << int(at::kFloat);
        QTest::newRow("bfloat16") << int(at::kBFloat16);
    }
    void droppedAttentionKeepsItsMean()
    {
        QFETCH(int, type);
        constexpr std::int64_t heads = 12, width = 64, length = 50, count = 400;
        const at::Tensor ones = at::ones({ count * length, heads * width },
            at::TensorOptions(m_card).dtype(static_cast<at::ScalarType>(type)));
        const auto sequences
            = model::Sequences::on(m_card, std::vector<std::int64_t>(count, length));
        const auto drawn = [&] {
            tensor::seedRandom(9);
            return back(model::packedAttention(ones, ones, ones, sequences, heads, 0.25));
        };
        const at::Tensor first = drawn();
        QVERIFY(first.equal(drawn()));
        QVERIFY_WITHIN(std::abs(first.mean().item<double>() - 1.0), 5e-3);
        // A row is a mean of 50 numbers that are 0 or 4 / 3.
        QVERIFY_WITHIN(std::abs(first.std().item<double>() - std::sqrt(1.0 / 3.0 / 50.0)), 5e-3);
    }

    void towersAgreeWithTheCpu()
    {
        const Pass exact = passOn({}), found = passOn({ m_card, at::kFloat });
        QVERIFY_WITHIN(test::relativeDistance(found.video, exact.video), 1e-5);
        QVERIFY_WITHIN(test::relativeDistance(found.text, exact.text), 1e-5);
        QCOMPARE(found.gradients.size(), exact.gradients.size());
        for (std::size_t i = 0; i < exact.gradients.size(); ++i)
            if (exact.gradients[i].abs().max().item<double>() > 1e-5) // keys' biases are noise
                QVERIFY_WITHIN(
                    test::relativeDistance(found.gradients[i], exact.gradients[i]), 1e-4);
    }

    void mixedPrecisionKeepsTheDirection_data()
    {
        QTest::addColumn<int>("type");
        QTest::newRow("bfloat16") << int(at::kBFloat16);
        QTest::newRow("float16") << int(at::kHalf);
    }
    void mixedPrecisionKeepsTheDirection()
    {
        QFETCH(int, type);
        const Pass exact = passOn({}),
                   found = passOn({ m_card, static_cast<at::ScalarType>(type) });
        QVERIFY(cosine(found.video, exact.video) > 0.9995);
        QVERIFY(cosine(found.text, exact.text) > 0.9995);
        QCOMPARE(found.gradients.size(), exact.gradients.size());
        for (std::size_t i = 0; i < exact.gradients.size(); ++i)
            if (exact.gradients[i].abs().max().item<double>() > 1e-5)
                QVERIFY2(cosine(found.gradients[i], exact.gradients[i]) > 0.99,
                    std::to_string(cosine(found.gradients[i], exact.gradients[i])).c_str());
    }

    void recomputingChangesNothing()
    {
        const Pass kept = passOn({ m_card, at::kFloat }, false, 0.2),
                   again = passOn({ m_card, at::kFloat }, true, 0.2);
        QVERIFY(kept.video.equal(again.video));
        for (std::size_t i = 0; i < kept.gradients.size(); ++i)
            if (kept.gradients[i].abs().max().item<double>() > 1e-5)
                QVERIFY_WITHIN(test::relativeDistance(again.gradients[i], kept.gradients[i]), 1e-4);
    }

    void theImageEncoderAgreesWithTheCpu()
    {
        tensor::TensorFile weights;
        std::uint64_t t = 20;
        for (const auto& [name, shape] : model::efficientNetLite0Shapes())
            weights.tensors[name]
                = test::formulaTensor(++t, shape, name.ends_with("running_var") ? 1.0 : 0.0, 0.1);
        const at::Tensor frames = at::arange(2 * 224 * 224 * 3, at::kLong)
                                      .remainder(251)
                                      .to(at::kByte)
                                      .view({ 2, 224, 224, 3 });
        const auto featuresOn = [&](const tensor::Compute& compute) -> Result<at::Tensor> {
            const tensor::InferenceScope inference;
            CLIP_TRY_ASSIGN(
                const auto network, model::EfficientNetLite0::create(weights, "", compute));
            return back(
                network.features(model::EfficientNetLite0::normalised(frames.to(compute.device))));
        };
        const auto exact = featuresOn({}), found = featuresOn({ m_card, at::kFloat }),
                   coarse = featuresOn({ m_card, at::kBFloat16 });
        QVERIFY_RESULT(exact);
        QVERIFY_RESULT(found);
        QVERIFY_RESULT(coarse);
        QVERIFY_WITHIN(test::relativeDistance(*found, *exact), 1e-4);
        QVERIFY(cosine(*coarse, *exact) > 0.99);
    }

    void tooLittleMemoryIsAnErrorWithAHint()
    {
        const auto taken = guarded([&] {
            return at::empty({ std::int64_t(1) << 44 }, at::TensorOptions(m_card).dtype(at::kByte));
        });
        QVERIFY_ERROR(taken, ErrorKind::OutOfMemory);
        QVERIFY(!taken.error().hint.empty());
        QVERIFY(at::ones({ 8 }, at::TensorOptions(m_card)).sum().item<float>() == 8.0F);
    }
};

QTEST_GUILESS_MAIN(TestOnCard)
#include "tst_on_card.moc"
