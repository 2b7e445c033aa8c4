#include "model/packed_attention.h"
#include "support/formula_weights.h"
#include "support/verify.h"
#include "tensor/device.h"

#include <ATen/Parallel.h>
#include <QtTest>

using namespace clipscope;

namespace {

constexpr std::int64_t heads = 3, width = 12;
const std::vector<std::int64_t> lengths{ 1, 2, 5, 5, 9 };
const model::Sequences sequences{ lengths, {} };

at::Tensor tokens(std::uint64_t t)
{
    return test::formulaTensor(t, { 22, width }, 0.0, 1.0);
}

/// The same written out for one sequence after another; `kept` holds a factor for each weight.
at::Tensor writtenOut(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const at::Tensor& kept)
{
    std::vector<at::Tensor> all;
    std::int64_t row = 0, weight = 0;
    for (const std::int64_t L : lengths) {
        const auto split = [&](const at::Tensor& x) {
            return x.narrow(0, row, L).view({ L, heads, width / heads }).transpose(0, 1);
        };
        const at::Tensor scores = at::matmul(split(query), split(key).transpose(1, 2))
            / std::sqrt(static_cast<double>(width / heads));
        const at::Tensor weights
            = at::softmax(scores, -1) * kept.narrow(0, weight, heads * L * L).view({ heads, L, L });
        all.push_back(at::matmul(weights, split(value)).transpose(0, 1).reshape({ L, width }));
        row += L;
        weight += heads * L * L;
    }
    return at::cat(all);
}

std::int64_t weightCount()
{
    std::int64_t count = 0;
    for (const std::int64_t L : lengths)
        count += heads * L * L;
    return count;
}

struct Inputs
{
    std::vector<at::Tensor> all{ tokens(1), tokens(2), tokens(3) };
    Inputs()
    {
        for (at::Tensor& one : all)
            one.set_requires_grad(true);
    }
};

} // namespace

class TestPackedAttention : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void isTheAttentionOfEachSequence_data();
    void isTheAttentionOfEachSequence();
    void worksInBFloat16UnderAutocast();
    void doesNotDependOnTheNumberOfThreads();
    void paddingGivesTheSame();
    void keepsNoGraphInInference();
};

void TestPackedAttention::isTheAttentionOfEachSequence_data()
{
    QTest::addColumn<double>("dropout");
    QTest::newRow("without dropout") << 0.0;
    QTest::newRow("with dropout") << 0.25;
}

void TestPackedAttention::isTheAttentionOfEachSequence()
{
    QFETCH(double, dropout);
    at::Tensor kept = at::ones({ weightCount() });
    if (dropout > 0.0) { // the same draws as inside
        tensor::seedRandom(4);
        kept.bernoulli_(1.0 - dropout).div_(1.0 - dropout);
    }
    Inputs mine, plain;
    tensor::seedRandom(4);
    const at::Tensor got
        = model::packedAttention(mine.all[0], mine.all[1], mine.all[2], sequences, heads, dropout);
    const at::Tensor expected = writtenOut(plain.all[0], plain.all[1], plain.all[2], kept);
    QVERIFY_WITHIN(test::distance(got, expected), 1e-6);

    const at::Tensor direction = tokens(4);
    (got * direction).sum().backward();
    (expected * direction).sum().backward();
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY_WITHIN(test::distance(mine.all[i].grad(), plain.all[i].grad()), 1e-6);
}

void TestPackedAttention::worksInBFloat16UnderAutocast()
{
    const at::Tensor exact
        = model::packedAttention(tokens(1), tokens(2), tokens(3), sequences, heads, 0.0);
    const tensor::AutocastScope autocast({ at::kCPU, at::kBFloat16 });
    const auto cast = [](std::uint64_t t) { return tokens(t).to(at::kBFloat16); };
    const at::Tensor coarse
        = model::packedAttention(cast(1), cast(2), cast(3), sequences, heads, 0.0);
    QCOMPARE(coarse.scalar_type(), at::kBFloat16);
    QVERIFY_WITHIN(test::distance(coarse, exact), 2e-2);
}

void TestPackedAttention::doesNotDependOnTheNumberOfThreads()
{
    const int before = at::get_num_threads();
    std::vector<std::vector<at::Tensor>> results;
    for (const int threads : { 1, 4 }) {
        tensor::useThreads(threads);
        tensor::seedRandom(4);
        Inputs inputs;
        const at::Tensor out = model::packedAttention(
            inputs.all[0], inputs.all[1], inputs.all[2], sequences, heads, 0.25);
        out.square().sum().backward();
        results.push_back(
            { out, inputs.all[0].grad(), inputs.all[1].grad(), inputs.all[2].grad() });
    }
    tensor::useThreads(before);
    for (std::size_t i = 0; i < results[0].size(); ++i)
        QVERIFY(results[0][i].equal(results[1][i]));
}

void TestPackedAttention::paddingGivesTheSame()
{
    Inputs packed, padded;
    const at::Tensor a = model::packedAttention(
        packed.all[0], packed.all[1], packed.all[2], sequences, heads, 0.0);
    const at::Tensor b
        = model::paddedAttention(padded.all[0], padded.all[1], padded.all[2], lengths, heads, 0.0);
    QVERIFY_WITHIN(test::distance(a, b), 1e-6);
    const at::Tensor direction = tokens(4);
    (a * direction).sum().backward();
    (b * direction).sum().backward();
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY_WITHIN(test::distance(packed.all[i].grad(), padded.all[i].grad()), 1e-6);
}

void TestPackedAttention::keepsNoGraphInInference()
{
    const tensor::InferenceScope inference;
    Inputs inputs;
    QVERIFY(
        !model::packedAttention(inputs.all[0], inputs.all[1], inputs.all[2], sequences, heads, 0.0)
             .requires_grad());
}

QTEST_GUILESS_MAIN(TestPackedAttention)
#include "tst_packed_attention.moc"
