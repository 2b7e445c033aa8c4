#include "model/encoder_layer.h"

#include "support/formula_weights.h"
#include "support/verify.h"
#include "tensor/device.h"

#include <ATen/ATen.h>

#include <QtTest>

using namespace clipscope;

namespace {

constexpr std::int64_t S = 11, D = 8, F = 20;
constexpr double eps = 1e-12;

model::EncoderLayer madeUpLayer()
{
    std::uint64_t t = 30;
    const auto linear = [&](std::int64_t out, std::int64_t in) {
        const at::Tensor weight = test::formulaTensor(++t, { out, in }, 0.0, 0.5);
        const at::Tensor bias = test::formulaTensor(++t, { out }, 0.0, 0.2);
        return model::Linear{ weight, bias };
    };
    const auto norm = [&] {
        const at::Tensor weight = test::formulaTensor(++t, { D }, 1.0, 0.3);
        const at::Tensor bias = test::formulaTensor(++t, { D }, 0.0, 0.2);
        return model::Linear{ weight, bias };
    };
    const model::Linear query = linear(D, D), key = linear(D, D), value = linear(D, D),
                        attentionOut = linear(D, D), attentionNorm = norm(),
                        intermediate = linear(F, D), output = linear(D, F), outputNorm = norm();
    return { query, key, value, attentionOut, attentionNorm, intermediate, output, outputNorm };
}

std::vector<at::Tensor> weightsOf(const model::EncoderLayer& layer)
{
    std::vector<at::Tensor> all;
    for (const model::Linear* linear :
        { &layer.query, &layer.key, &layer.value, &layer.attentionOut, &layer.attentionNorm,
            &layer.intermediate, &layer.output, &layer.outputNorm }) {
        all.push_back(linear->weight);
        all.push_back(linear->bias);
    }
    return all;
}

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value)
{
    return at::matmul(at::softmax(at::matmul(query, key.t()) / 3.0, -1), value);
}

model::AttentionPass attentionPass(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, bool learns)
{
    return model::trackedAttention(query, key, value, learns, attention);
}

/// The same, operation by operation.
at::Tensor writtenOut(const model::EncoderLayer& layer, const at::Tensor& x, double rate)
{
    const auto linear = [](const model::Linear& weights, const at::Tensor& input) {
        return at::linear(input, weights.weight, weights.bias);
    };
    const auto norm = [](const at::Tensor& input, const model::Linear& weights) {
        return at::layer_norm(input, { D }, weights.weight, weights.bias, eps);
    };
    const auto dropped = [&](const at::Tensor& input) {
        return rate > 0.0 ? std::get<0>(at::native_dropout(input, rate, true)) : input;
    };
    const at::Tensor mixed
        = attention(linear(layer.query, x), linear(layer.key, x), linear(layer.value, x));
    const at::Tensor h = norm(x + dropped(linear(layer.attentionOut, mixed)), layer.attentionNorm);
    return norm(h + dropped(linear(layer.output, at::gelu(linear(layer.intermediate, h)))),
        layer.outputNorm);
}

struct Pass
{
    at::Tensor output;
    std::vector<at::Tensor> gradients; ///< of the input, then of the weights
};

Pass passOf(bool asOneNode, double rate)
{
    const model::EncoderLayer layer = madeUpLayer();
    const at::Tensor x = test::formulaTensor(1, { S, D }, 0.0, 1.0);
    std::vector<at::Tensor> all{ x };
    for (const at::Tensor& weight : weightsOf(layer))
        all.push_back(weight);
    for (const at::Tensor& tensor : all)
        tensor.set_requires_grad(true);
    tensor::seedRandom(6);
    Pass pass{ asOneNode ? model::encoderLayer(layer, x, attentionPass, eps, rate)
                         : writtenOut(layer, x, rate),
        {} };
    (pass.output * test::formulaTensor(2, { S, D }, 0.0, 1.0)).sum().backward();
    for (const at::Tensor& tensor : all)
        pass.gradients.push_back(tensor.grad());
    return pass;
}

} // namespace

class TestEncoderLayer final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void isTheLayerWrittenOut_data()
    {
        QTest::addColumn<double>("rate");
        QTest::newRow("without dropout") << 0.0;
        QTest::newRow("with dropout") << 0.3;
    }
    void isTheLayerWrittenOut()
    {
        QFETCH(double, rate);
        const Pass node = passOf(true, rate), plain = passOf(false, rate);
        QVERIFY_WITHIN(test::relativeDistance(node.output, plain.output), 1e-6);
        QCOMPARE(node.gradients.size(), std::size_t(17));
        double largest = 0.0;
        for (const at::Tensor& gradient : plain.gradients)
            largest = std::max(largest, gradient.abs().max().item<double>());
        for (std::size_t i = 0; i < plain.gradients.size(); ++i) {
            QVERIFY2(node.gradients[i].defined(), std::to_string(i).c_str());
            QVERIFY_WITHIN(test::distance(node.gradients[i], plain.gradients[i]), 1e-6 * largest);
        }
    }

    void withoutGradientsItKeepsNothing()
    {
        const tensor::InferenceScope inference;
        const model::EncoderLayer layer = madeUpLayer();
        const at::Tensor x = test::formulaTensor(1, { S, D }, 0.0, 1.0);
        const at::Tensor y = model::encoderLayer(layer, x, attentionPass, eps, 0.0);
        QVERIFY(!y.requires_grad());
        QVERIFY_WITHIN(test::relativeDistance(y, writtenOut(layer, x, 0.0)), 1e-6);
    }

    void weightsAreCastToTheTypeOfTheTokens()
    {
        const tensor::InferenceScope inference;
        const model::EncoderLayer layer = madeUpLayer();
        const at::Tensor x = test::formulaTensor(1, { S, D }, 0.0, 1.0);
        const at::Tensor y
            = model::encoderLayer(layer, x.to(at::kBFloat16), attentionPass, eps, 0.0);
        QCOMPARE(y.scalar_type(), at::kBFloat16);
        QVERIFY_WITHIN(test::relativeDistance(y, writtenOut(layer, x, 0.0)), 3e-2);
        QCOMPARE(layer.query.weight.scalar_type(), at::kFloat);
    }
};

QTEST_GUILESS_MAIN(TestEncoderLayer)
#include "tst_encoder_layer.moc"
