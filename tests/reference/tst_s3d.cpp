#include "base/json.h"
#include "model/s3d.h"
#include "reference/s3d_fixtures.h"
#include "support/formula_weights.h"
#include "support/test_device.h"
#include "support/verify.h"

#include <QtTest>

using namespace clipscope;

/// Every size, seed and name comes from the fixture files, so that others of the layout work.
class TestS3d : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }
    void theFormulaGivesTheListedWeights();
    void everyStageAgrees_data();
    void everyStageAgrees();
    void bfloat16KeepsTheDirection_data();
    void bfloat16KeepsTheDirection();
    void aMissingTensorIsNamed();

private:
    static at::Tensor unitInput(const Json& input);
    static void compareStage(const Json& wanted, const at::Tensor& output, QStringList& problems,
        const std::string& name);

    at::Device m_device = at::kCPU;
    Json m_names;
    tensor::TensorFile m_weights, m_io;
};

void TestS3d::initTestCase()
{
    if (!test::S3dFixtures::areThere())
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const auto device = test::testDevice();
    if (!device)
        QSKIP(device.error().message.c_str());
    m_device = *device;
    const auto fixtures = test::S3dFixtures::read();
    QVERIFY_RESULT(fixtures);
    m_names = fixtures->names;
    m_io = fixtures->io;
    m_weights = test::formulaFile(m_names["tensors"]);
    for (auto& [name, tensor] : m_io.tensors)
        tensor = tensor.to(m_device);
}

void TestS3d::theFormulaGivesTheListedWeights()
{
    for (const Json& item : m_names["tensors"]) {
        const auto found = m_weights.tensors.find(item["name"].get<std::string>());
        if (found == m_weights.tensors.end())
            continue;
        QVERIFY_WITHIN(
            std::abs(found->second.sum(at::kDouble).item<double>() - item["sum"].get<double>()),
            1e-6 * static_cast<double>(found->second.numel()));
    }
}

at::Tensor TestS3d::unitInput(const Json& input)
{
    // base 0.5, scale 0.5 gives u itself.
    return test::formulaTensor(
        input["t"].get<std::uint64_t>(), input["shape"].get<std::vector<std::int64_t>>(), 0.5, 0.5);
}

void TestS3d::compareStage(
    const Json& wanted, const at::Tensor& output, QStringList& problems, const std::string& name)
{
    // Stages in float32 stay within 1e-4 of their magnitude: the largest listed value, or the
    // deviation of the whole stage where that is larger.
    const at::Tensor flat = output.to(at::kCPU, at::kFloat).contiguous().flatten().to(at::kDouble);
    if (wanted["shape"].get<std::vector<std::int64_t>>() != output.sizes().vec()) {
        problems << QString::fromStdString(name + ": another shape");
        return;
    }
    double size = wanted.contains("std") ? wanted["std"].get<double>() : 0.0;
    double worst = 0.0;
    for (const char* part : { "first16", "spread16" }) {
        if (!wanted.contains(part))
            continue;
        const auto values = wanted[part].get<std::vector<double>>();
        for (std::size_t k = 0; k < values.size(); ++k) {
            const std::int64_t count = flat.numel();
            const auto at = std::string_view(part) == "first16"
                ? static_cast<std::int64_t>(k)
                : static_cast<std::int64_t>(k) * count / static_cast<std::int64_t>(values.size());
            worst = std::max(worst, std::abs(flat[at].item<double>() - values[k]));
            size = std::max(size, std::abs(values[k]));
        }
    }
    if (wanted.contains("mean"))
        worst
            = std::max(worst, std::abs(flat.mean().item<double>() - wanted["mean"].get<double>()));
    if (!(worst <= 1e-4 * size))
        problems << QStringLiteral("%1: %2 off at a magnitude of %3")
                        .arg(QString::fromStdString(name))
                        .arg(worst)
                        .arg(size);
}

void TestS3d::everyStageAgrees_data()
{
    QTest::addColumn<QString>("input");
    for (const auto& [name, stages] : m_names["stages"].items())
        QTest::newRow(name.c_str()) << QString::fromStdString(name);
}

void TestS3d::everyStageAgrees()
{
    QFETCH(QString, input);
    const std::string name = input.toStdString();
    const auto network = model::S3d::create(m_weights, "", { m_device, at::kFloat });
    QVERIFY_RESULT(network);
    const Json& stages = m_names["stages"][name];
    QStringList problems;
    std::size_t seen = 0;
    const at::Tensor pooled = network->pooled(unitInput(m_names["inputs"][name]),
        [&](const std::string& stage, const at::Tensor& output) {
            if (!stages.contains(stage))
                return;
            ++seen;
            compareStage(stages[stage], output, problems, stage);
        });
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join("; ")));
    QCOMPARE(seen, stages.size());
    const at::Tensor embedding = network->embedding(pooled);
    QVERIFY_WITHIN(test::relativeDistance(pooled, m_io.tensors.at(name + ".mixed_5c")), 1e-4);
    QVERIFY_WITHIN(
        test::relativeDistance(embedding, m_io.tensors.at(name + ".video_embedding")), 1e-4);
    const at::Tensor unit = embedding / embedding.norm(2, { 1 }, true);
    QVERIFY_WITHIN(test::distance(unit, m_io.tensors.at(name + ".video_embedding_l2")), 1e-5);
}

void TestS3d::bfloat16KeepsTheDirection_data()
{
    everyStageAgrees_data();
}

/// What is stored and compared is the unit vector: its cosine to the reference's is the measure.
void TestS3d::bfloat16KeepsTheDirection()
{
    QFETCH(QString, input);
    const std::string name = input.toStdString();
    const auto network = model::S3d::create(m_weights, "", { m_device, at::kBFloat16 });
    QVERIFY_RESULT(network);
    const at::Tensor embedding
        = network->embedding(network->pooled(unitInput(m_names["inputs"][name])));
    QCOMPARE(embedding.scalar_type(), at::kFloat);
    const at::Tensor cosine
        = at::cosine_similarity(embedding, m_io.tensors.at(name + ".video_embedding"), /*dim=*/1);
    QVERIFY2(
        cosine.min().item<double>() > 0.998, std::to_string(cosine.min().item<double>()).c_str());
}

void TestS3d::aMissingTensorIsNamed()
{
    auto file = m_weights;
    file.tensors.erase("mixed_4d.conv_b2_b.bn2.bias");
    const auto network = model::S3d::create(file, "", {}, "s3d.pth");
    QVERIFY_ERROR(network, ErrorKind::BadInput);
    QCOMPARE(network.error().place.toString(),
        std::string("s3d.pth: tensor mixed_4d.conv_b2_b.bn2.bias"));
}

QTEST_GUILESS_MAIN(TestS3d)
#include "tst_s3d.moc"
