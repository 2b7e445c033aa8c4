#include "base/files.h"
#include "model/efficientnet_lite.h"
#include "support/formula_weights.h"
#include "support/verify.h"
#include "tensor/torch_file.h"

#include <QtTest>

using namespace clipscope;

namespace {

std::filesystem::path dataFile()
{
    return std::filesystem::path(CLIPSCOPE_SOURCE_DIR)
        / "tests/data/efficientnet_lite0/expected.json";
}

at::Tensor vectorOf(const Json& numbers)
{
    return at::tensor(numbers.get<std::vector<double>>(), at::kDouble);
}

/// Frames by formula: bytes floor(256 u), each pixel repeated to a tile.
at::Tensor frames(const Json& input)
{
    const auto shape = input["shape"].get<std::vector<std::int64_t>>();
    const at::Tensor bytes = at::empty(shape, at::kByte);
    const auto t = input["t"].get<std::uint64_t>();
    for (std::int64_t i = 0; i < bytes.numel(); ++i)
        bytes.mutable_data_ptr<std::uint8_t>()[i] = static_cast<std::uint8_t>(
            256.0 * test::formulaUnit(t, static_cast<std::uint64_t>(i)));
    const auto repeat = input["repeat"].get<std::int64_t>();
    return bytes.repeat_interleave(repeat, 1).repeat_interleave(repeat, 2);
}

/// The trained weights: of the installed starter, or as fetched for making it.
std::filesystem::path trainedFile()
{
    const auto starter = modelsFolder() / "starter.safetensors";
    if (std::filesystem::exists(starter))
        return starter;
    return std::filesystem::path(CLIPSCOPE_SOURCE_DIR)
        / ".deps/starter/efficientnet-lite0-57934424.pth";
}

} // namespace

class TestEfficientNetLite0 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }
    void agreesWithThePackageOnWeightsByFormula();
    void agreesWithThePackageOnTheTrainedWeights();
    void isCloseInBFloat16();
    void namesTheTensorThatIsMissing();
    void framesAreNormalisedAsTheWeightsWereTrained();

private:
    void compare(const model::EfficientNetLite0& network, const Json& expected, double bound);

    Json m_data;
};

void TestEfficientNetLite0::initTestCase()
{
    const auto data = readJson(dataFile());
    QVERIFY_RESULT(data);
    m_data = *data;
}

void TestEfficientNetLite0::compare(
    const model::EfficientNetLite0& network, const Json& expected, double bound)
{
    for (const auto& [name, input] : m_data["inputs"].items()) {
        const at::Tensor features
            = network.features(model::EfficientNetLite0::normalised(frames(input)));
        const at::Tensor logits = network.logits(features);
        QCOMPARE(features.size(1), model::EfficientNetLite0::featureWidth);
        QCOMPARE(logits.size(1), model::EfficientNetLite0::classCount);
        for (std::int64_t i = 0; i < features.size(0); ++i) {
            const Json& image = expected[name][static_cast<std::size_t>(i)];
            const at::Tensor first = vectorOf(image["features_first64"]);
            QVERIFY_WITHIN(test::distance(features[i].narrow(0, 0, first.numel()), first), bound);
            QVERIFY_WITHIN(
                std::abs(features[i].norm().item<double>() - image["features_norm"].get<double>()),
                10.0 * bound);
            const at::Tensor classes
                = at::tensor(image["top_classes"].get<std::vector<std::int64_t>>(), at::kLong);
            QVERIFY_WITHIN(
                test::distance(logits[i].index_select(0, classes), vectorOf(image["top_logits"])),
                bound);
            QCOMPARE(logits[i].argmax().item<std::int64_t>(), classes[0].item<std::int64_t>());
        }
    }
}

void TestEfficientNetLite0::agreesWithThePackageOnWeightsByFormula()
{
    const auto file = test::formulaFile(m_data["by_formula"]["tensors"]);
    const auto network = model::EfficientNetLite0::create(file, "", {});
    QVERIFY_RESULT(network);
    compare(*network, m_data["by_formula"]["expected"], 1e-4);
}

void TestEfficientNetLite0::agreesWithThePackageOnTheTrainedWeights()
{
    const auto path = trainedFile();
    if (!std::filesystem::exists(path))
        QSKIP("the trained weights are not on this machine; ./dev run fetches them");
    const auto file = tensor::readTensors(path);
    QVERIFY_RESULT(file);
    const bool starter = path.extension() == ".safetensors";
    const auto network = model::EfficientNetLite0::create(*file, starter ? "encoder." : "", {});
    QVERIFY_RESULT(network);
    // A starter holds its weights as float16, which moves the features by about 1e-2.
    const bool halves
        = starter && file->tensors.at("encoder._conv_stem.weight").scalar_type() == at::kHalf;
    compare(*network, m_data["package"]["expected"], halves ? 5e-2 : 1e-4);
}

void TestEfficientNetLite0::isCloseInBFloat16()
{
    const auto file = test::formulaFile(m_data["by_formula"]["tensors"]);
    const auto exact = model::EfficientNetLite0::create(file, "", {});
    const auto coarse = model::EfficientNetLite0::create(file, "", { .precision = at::kBFloat16 });
    QVERIFY_RESULT(exact);
    QVERIFY_RESULT(coarse);
    const at::Tensor images
        = model::EfficientNetLite0::normalised(frames(m_data["inputs"]["tiles"]));
    const at::Tensor a = exact->features(images), b = coarse->features(images);
    QCOMPARE(b.scalar_type(), at::kFloat);
    QVERIFY(at::cosine_similarity(a, b, 1).min().item<double>() > 0.98);
}

void TestEfficientNetLite0::namesTheTensorThatIsMissing()
{
    auto file = test::formulaFile(m_data["by_formula"]["tensors"]);
    file.tensors.erase("_blocks.3._bn1.running_var");
    const auto network = model::EfficientNetLite0::create(file, "", {}, "some.pth");
    QVERIFY_ERROR(network, ErrorKind::BadInput);
    QCOMPARE(network.error().place.toString(),
        std::string("some.pth: tensor _blocks.3._bn1.running_var"));
}

void TestEfficientNetLite0::framesAreNormalisedAsTheWeightsWereTrained()
{
    const at::Tensor bytes = at::tensor({ 0, 127, 255 }, at::kByte).view({ 1, 1, 1, 3 });
    const at::Tensor images = model::EfficientNetLite0::normalised(bytes);
    QCOMPARE(images.sizes(), at::IntArrayRef({ 1, 3, 1, 1 }));
    QCOMPARE(images.flatten()[0].item<float>(), -127.0f / 128.0f);
    QCOMPARE(images.flatten()[1].item<float>(), 0.0f);
    QCOMPARE(images.flatten()[2].item<float>(), 1.0f);
}

QTEST_GUILESS_MAIN(TestEfficientNetLite0)
#include "tst_efficientnet_lite.moc"
