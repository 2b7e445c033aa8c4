#include "base/files.h"
#include "base/json.h"
#include "model/s3d.h"
#include "model/video_clip.h"
#include "support/cli.h"
#include "support/made_up_checkpoint.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace clipscope;
using test::runCli;

namespace {

constexpr std::int64_t vocabularySize = 110;

/// [CLS] and [SEP] are where BERT has them.
std::string vocabulary()
{
    std::string text;
    for (std::int64_t i = 0; i < vocabularySize; ++i)
        text.append(i == 0     ? "[PAD]"
                    : i == 1   ? "fish"
                    : i == 100 ? "[UNK]"
                    : i == 101 ? "[CLS]"
                    : i == 102 ? "[SEP]"
                               : "w")
            .append(i > 1 && (i < 100 || i > 102) ? std::to_string(i) : "")
            .append("\n");
    return text;
}

/// Both networks small where they may be; S3D has one size.
tensor::TensorFile videoClip()
{
    model::VideoClipConfig config;
    config.text.bert = { .vocabulary = vocabularySize,
        .width = 64,
        .layers = 1,
        .heads = 1,
        .feedForward = 32,
        .positions = 70 };
    config.video.bert = config.text.bert;
    model::VideoClip network(config);
    network.parameters().initialise(Random({ 3 }));
    tensor::TensorFile file;
    network.parameters().exportTo(file, "mmmodel.");
    return file;
}

tensor::TensorFile s3d()
{
    Random random({ 4 });
    tensor::TensorFile file;
    for (const auto& [name, shape] : model::S3d::weightShapes(512)) {
        at::Tensor& value = file.tensors[name] = at::empty(shape, at::kFloat);
        const bool norm = name.find("bn") != std::string::npos;
        if (name.ends_with("running_var") || (norm && name.ends_with("weight"))) {
            value.fill_(1.0);
            continue;
        }
        float* out = value.mutable_data_ptr<float>();
        for (std::int64_t i = 0; i < value.numel(); ++i)
            out[i] = static_cast<float>(0.2 * (random.uniform() - 0.5));
    }
    return file;
}

} // namespace

class TestWeightsVerbs : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        QVERIFY(QDir(m_temporary->path()).mkdir(QStringLiteral("models")));
        qputenv("CLIPSCOPE_MODELS", name("models").toLocal8Bit());
    }
    void importedWeightsExtractAndSearch();
    void aRefusalHasItsExitCodeAndLeavesNothing();
    void aFileThatWouldRunAProgramIsRefused();

private:
    QString name(const char* file) const { return m_temporary->filePath(QLatin1String(file)); }
    std::filesystem::path path(const char* file) const
    {
        return pathFromUtf8(name(file).toStdString());
    }
    test::CliAnswer call(std::initializer_list<const char*> words, const QString& last = {}) const
    {
        QStringList arguments;
        for (const char* word : words)
            arguments += word[0] == '@' ? name(word + 1) : QLatin1String(word);
        if (!last.isEmpty())
            arguments += last;
        return runCli(arguments);
    }
    std::unique_ptr<QTemporaryDir> m_temporary;
};

void TestWeightsVerbs::importedWeightsExtractAndSearch()
{
    using test::CheckpointMaker;
    QVERIFY_RESULT(writeFileAtomically(path("vocab.txt"), vocabulary()));
    QVERIFY_RESULT(writeFileAtomically(
        path("checkpoint_best.pt"), CheckpointMaker(videoClip(), test::Wrapping::Fairseq).zip()));
    QVERIFY_RESULT(writeFileAtomically(
        path("s3d_howto100m.pth"), CheckpointMaker(s3d(), test::Wrapping::Bare).stream()));
    // Without --output a file goes where the loaders look.
    const auto towers = call({ "import-weights", "@checkpoint_best.pt", "--json" });
    QCOMPARE(towers.exitCode, 0);
    const Json answer = towers.json();
    QCOMPARE(answer["kind"].get<std::string>(), std::string("videoclip"));
    QCOMPARE(answer["format"].get<std::string>(), std::string("torch-zip"));
    QCOMPARE(answer["sha256"].get<std::string>().size(), 64u);
    QCOMPARE(answer["missing"].size(), 0u);
    QCOMPARE(answer["unexpected"].size(), 0u);
    QCOMPARE(answer["words"].get<std::int64_t>(), vocabularySize);
    QCOMPARE(answer["tensors"].size(), answer["matched"].get<std::size_t>());
    QCOMPARE(answer["dtypes"]["F32"].get<std::size_t>(), answer["tensors"].size());
    QVERIFY(QFile::exists(name("models/videoclip.safetensors")));
    const auto encoder = call({ "import-weights", "@s3d_howto100m.pth", "--kind", "s3d", "--output",
        "@models/s3d.safetensors" });
    QCOMPARE(encoder.exitCode, 0);
    QVERIFY(encoder.output.find("456 weights") != std::string::npos);

    QCOMPARE(call({ "init", "@p.clipscope" }).exitCode, 0);
    test::MadeVideo video;
    video.frames = 40; // two seconds, the last one not full
    QVERIFY_RESULT(test::makeVideo(path("film.mp4"), video));
    QCOMPARE(call({ "import", "@p.clipscope", "@film.mp4" }).exitCode, 0);
    const auto extracted = call({ "extract", "@p.clipscope", "--encoder", "s3d", "--json" });
    QCOMPARE(extracted.exitCode, 0);
    QCOMPARE(extracted.json()["seconds"].get<int>(), 2);
    const auto indexed = call({ "index", "@p.clipscope", "--json" });
    QCOMPARE(indexed.exitCode, 0);
    QCOMPARE(indexed.json()["checkpoint"].get<std::string>(), std::string("videoclip"));
    const auto found = call({ "search", "@p.clipscope", "fish", "--json" });
    QCOMPARE(found.exitCode, 0);
    QCOMPARE(found.json()["checkpoint"].get<std::string>(), std::string("videoclip"));
    QVERIFY(found.json()["moments"].size() >= 1);
}

void TestWeightsVerbs::aRefusalHasItsExitCodeAndLeavesNothing()
{
    auto file = videoClip();
    file.tensors.erase("mmmodel.video_encoder.videomlp.linear2.bias");
    const std::string bytes = test::CheckpointMaker(file, test::Wrapping::Fairseq).stream();
    QVERIFY_RESULT(writeFileAtomically(path("x.pt"), bytes));
    const auto missing
        = call({ "import-weights", "@x.pt", "--output", "@out.safetensors", "--json" });
    QCOMPARE(missing.exitCode, exitCodeOf(ErrorKind::BadInput));
    QVERIFY(missing.json()["error"]["message"].get<std::string>().find(
                "video_encoder.videomlp.linear2.bias")
        != std::string::npos);
    const auto kind
        = call({ "import-weights", "@x.pt", "--kind", "s3d", "--output", "@out.safetensors" });
    QCOMPARE(kind.exitCode, exitCodeOf(ErrorKind::BadInput));
    QVERIFY(kind.output.empty() && kind.errors.find("x.pt") != std::string::npos);
    const auto none = call({ "import-weights", "@none.pt", "--output", "@out.safetensors" });
    QCOMPARE(none.exitCode, exitCodeOf(ErrorKind::NotFound));
    QCOMPARE(QDir(m_temporary->path()).entryList(QDir::Files), QStringList{ "x.pt" });
}

void TestWeightsVerbs::aFileThatWouldRunAProgramIsRefused()
{
    const auto folder = test::fixturesFolder();
    if (!std::filesystem::exists(folder / "malicious.pt"))
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const std::filesystem::path proof = "/tmp/pwned"; // what the fixtures would make
    std::filesystem::remove(proof);
    for (const char* file : { "malicious.pt", "malicious_legacy.pt", "malicious_protocol4.pt" }) {
        const auto answer = runCli({ "import-weights", QString::fromStdString(utf8(folder / file)),
            "--output", name("out.safetensors") });
        QCOMPARE(answer.exitCode, exitCodeOf(ErrorKind::BadInput));
        QVERIFY2(answer.errors.find(".system") != std::string::npos, answer.errors.c_str());
    }
    QVERIFY(!std::filesystem::exists(proof));
    QVERIFY(QDir(m_temporary->path()).entryList(QDir::Files).isEmpty());
}

QTEST_GUILESS_MAIN(TestWeightsVerbs)
#include "tst_weights_verbs.moc"
