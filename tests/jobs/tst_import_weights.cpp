#include "base/files.h"
#include "base/sha256.h"
#include "features/encoder.h"
#include "jobs/import_weights.h"
#include "model/s3d.h"
#include "model/video_clip.h"
#include "support/made_up_checkpoint.h"
#include "support/verify.h"
#include "tensor/npy.h"
#include "tensor/tensor_file.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <map>

using namespace clipscope;
using test::CheckpointMaker;
using test::Wrapping;

namespace {

constexpr std::int64_t vocabularySize = 120;

/// Values that tell every tensor and place apart, exact in float16.
at::Tensor values(at::IntArrayRef shape, std::int64_t number)
{
    return at::arange(at::empty(shape).numel(), at::kFloat)
        .remainder(97)
        .add(number)
        .div(64)
        .reshape(shape);
}

tensor::TensorFile weightsOf(const tensor::ParameterSet& parameters, const std::string& prefix)
{
    tensor::TensorFile file;
    std::int64_t number = 0;
    for (const auto& item : parameters.all())
        file.tensors[prefix + item.name] = values(item.tensor.sizes(), ++number);
    return file;
}

/// Small, but of a width that tells the number of heads.
tensor::TensorFile videoClip(const std::string& prefix)
{
    model::VideoClipConfig config;
    config.text.bert = { .vocabulary = vocabularySize,
        .width = 64,
        .layers = 2,
        .heads = 1,
        .feedForward = 32,
        .positions = 70 };
    config.video.bert = config.text.bert;
    config.video.bert.layers = 1;
    auto file = weightsOf(model::VideoClip(config).parameters(), prefix);
    file.tensors[prefix + "text_encoder.embeddings.position_ids"] = at::arange(70).view({ 1, 70 });
    file.tensors[prefix + "text_encoder.pooler.dense.weight"] = at::ones({ 64, 64 });
    return file;
}

/// [CLS] and [SEP] are where BERT has them.
std::string vocabulary()
{
    const std::map<std::int64_t, std::string> special{ { 0, "[PAD]" }, { 100, "[UNK]" },
        { 101, "[CLS]" }, { 102, "[SEP]" } };
    std::string text;
    for (std::int64_t i = 0; i < vocabularySize; ++i) {
        const auto found = special.find(i);
        text.append(found != special.end() ? found->second : "word");
        text.append(found != special.end() ? "" : std::to_string(i)).append("\n");
    }
    return text;
}

tensor::TensorFile bert(const std::string& prefix)
{
    return weightsOf(model::Bert({ .vocabulary = vocabularySize,
                                     .width = 64,
                                     .layers = 2,
                                     .heads = 1,
                                     .feedForward = 32,
                                     .positions = 70 })
                         .parameters(),
        prefix);
}

tensor::TensorFile s3d()
{
    tensor::TensorFile file;
    for (const auto& [name, shape] : model::S3d::weightShapes(512))
        file.tensors[name]
            = name.ends_with("running_var") ? at::ones(shape) : at::full(shape, 0.01f);
    file.tensors["conv1.bn1.num_batches_tracked"] = at::zeros({}, at::kLong);
    file.tensors["text_module.word_embd.weight"] = values({ 4, 300 }, 1);
    return file;
}

} // namespace

class TestImportWeights : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
    }
    void aFairseqCheckpointBecomesAModel_data();
    void aFairseqCheckpointBecomesAModel();
    void theReferencesCheckpointsAreExact_data();
    void theReferencesCheckpointsAreExact();
    void headsThatNobodyTellsAreSaid();
    void theVocabularyBesideIsKept();
    void anEncoderIsTheSameBeforeAndAfter();
    void theWordListGoesWithTheTextHead();
    void bertOfHuggingFaceIsRead_data();
    void bertOfHuggingFaceIsRead();
    void relativesOfBertAreRefused();
    void whatDoesNotFitIsNamed_data();
    void whatDoesNotFitIsNamed();
    void aForbiddenCallIsNamedAndNothingIsWritten();
    void numbersThatAreNotFiniteAreReported();
    void anErrorOrAStopLeavesTheOldFile();

private:
    std::filesystem::path path(const char* name) const
    {
        return pathFromUtf8(m_temporary->filePath(QString::fromLatin1(name)).toStdString());
    }
    Result<jobs::ImportWeightsReport> import(const char* name, const std::string& bytes,
        jobs::WeightsKindWish kind = jobs::WeightsKindWish::Auto) const
    {
        CLIP_TRY(writeFileAtomically(path(name), bytes));
        return jobs::runImportWeights({ path(name), path("out.safetensors"), kind, {}, 0 }, {});
    }
    std::unique_ptr<QTemporaryDir> m_temporary;
};

void TestImportWeights::aFairseqCheckpointBecomesAModel_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("prefix");
    QTest::newRow("zip") << "torch-zip"
                         << "mmmodel.";
    QTest::newRow("stream") << "torch-stream"
                            << "mmmodel.";
    QTest::newRow("without prefix") << "torch-zip"
                                    << "";
}

void TestImportWeights::aFairseqCheckpointBecomesAModel()
{
    QFETCH(QString, format);
    QFETCH(QString, prefix);
    const auto source = videoClip(prefix.toStdString());
    const CheckpointMaker maker(source, Wrapping::Fairseq);
    const auto report
        = import("checkpoint_best.pt", format == "torch-zip" ? maker.zip() : maker.stream());
    QVERIFY_RESULT(report);
    QCOMPARE(report->kind, jobs::WeightsKind::VideoClip);
    QCOMPARE(report->format, format.toStdString());
    QCOMPARE(report->prefix, prefix.toStdString());
    QCOMPARE(report->leftOut.size(), 2u);
    QVERIFY(report->unexpected.empty() && report->notFinite.empty() && report->kept.empty());
    QCOMPARE(report->sha256, sha256OfFile(path("checkpoint_best.pt")).value_or(""));
    const auto network = model::VideoClip::open(path("out.safetensors"));
    QVERIFY_RESULT(network);
    QCOMPARE(network->config().video.bert.heads, 1);
    QCOMPARE(static_cast<std::size_t>(report->matched), network->parameters().all().size());
    for (const auto& item : network->parameters().all())
        QVERIFY2(item.tensor.equal(source.tensors.at(prefix.toStdString() + item.name)),
            item.name.c_str());
    const auto written = tensor::readSafetensors(path("out.safetensors"));
    QVERIFY_RESULT(written);
    QCOMPARE(written->tensors.size(), report->written.size());
    QCOMPARE(written->metadata.at("clipscope.kind"), std::string("videoclip"));
    QCOMPARE(written->metadata.at("clipscope.encoder"), std::string("s3d"));
    QCOMPARE(written->metadata.at("clipscope.source.file"), std::string("checkpoint_best.pt"));
    QCOMPARE(written->metadata.at("clipscope.source.sha256"), report->sha256);
}

void TestImportWeights::theReferencesCheckpointsAreExact_data()
{
    QTest::addColumn<QString>("file");
    QTest::newRow("zip, float16") << "fairseq_tiny.pt";
    QTest::newRow("stream, float32") << "fairseq_tiny_legacy.pt";
}

void TestImportWeights::theReferencesCheckpointsAreExact()
{
    QFETCH(QString, file);
    const auto folder = test::fixturesFolder();
    if (!std::filesystem::exists(folder / file.toStdString()))
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const auto tiny = readJson(folder / "videoclip_tiny.json");
    const auto expected = tensor::readSafetensors(folder / "videoclip_tiny.safetensors");
    QVERIFY_RESULT(tiny);
    QVERIFY_RESULT(expected);
    const auto heads = (*tiny)["config"]["num_attention_heads"].get<std::int64_t>();
    const auto report
        = jobs::runImportWeights({ folder / file.toStdString(), path("out.safetensors"),
                                     jobs::WeightsKindWish::Auto, {}, heads },
            {});
    QVERIFY_RESULT(report);
    const auto network = model::VideoClip::open(path("out.safetensors"));
    QVERIFY_RESULT(network);
    QCOMPARE(network->config().text.bert.heads, heads);
    const auto written = tensor::readSafetensors(path("out.safetensors"));
    QVERIFY_RESULT(written);
    for (const auto& item : network->parameters().all()) {
        const at::Tensor& value = written->tensors.at(item.name);
        QVERIFY2(value.equal(expected->tensors.at(item.name).to(value.scalar_type())),
            item.name.c_str());
    }
}

void TestImportWeights::headsThatNobodyTellsAreSaid()
{
    model::VideoClipConfig config;
    config.text.bert = { .vocabulary = vocabularySize,
        .width = 48,
        .layers = 1,
        .heads = 4,
        .feedForward = 32,
        .positions = 70 };
    config.video.bert = config.text.bert;
    const auto file = weightsOf(model::VideoClip(config).parameters(), "mmmodel.");
    const auto report = import("x.pt", CheckpointMaker(file, Wrapping::Fairseq).zip());
    QVERIFY_RESULT(report);
    QVERIFY(report->config.empty());
    QCOMPARE(report->notes.size(), 1u);
    QVERIFY(report->notes.front().find("--heads") != std::string::npos);
    const auto told = jobs::runImportWeights(
        { path("x.pt"), path("out.safetensors"), jobs::WeightsKindWish::VideoClip, {}, 4 }, {});
    QVERIFY_RESULT(told);
    QVERIFY(told->notes.empty());
    QVERIFY_RESULT(model::VideoClip::open(path("out.safetensors")));
    const auto wrong = jobs::runImportWeights(
        { path("x.pt"), path("out.safetensors"), jobs::WeightsKindWish::VideoClip, {}, 5 }, {});
    QVERIFY_ERROR(wrong, ErrorKind::BadInput);
}

void TestImportWeights::theVocabularyBesideIsKept()
{
    QVERIFY_RESULT(writeFileAtomically(path("vocab.txt"), vocabulary()));
    const std::string bytes = CheckpointMaker(videoClip(""), Wrapping::Bare).zip();
    const auto report = import("x.pt", bytes);
    QVERIFY_RESULT(report);
    QCOMPARE(report->words, vocabularySize);
    const auto written = tensor::readSafetensors(path("out.safetensors"));
    QVERIFY_RESULT(written);
    QCOMPARE(written->metadata.at("clipscope.vocabulary"), vocabulary());
    QVERIFY_RESULT(writeFileAtomically(path("vocab.txt"), vocabulary() + "more\n"));
    const auto other = import("x.pt", bytes);
    QVERIFY_RESULT(other);
    QCOMPARE(other->words, 0);
    QCOMPARE(other->notes.size(), 1u);
    const auto asked
        = jobs::runImportWeights({ path("x.pt"), path("out.safetensors"),
                                     jobs::WeightsKindWish::Auto, utf8(path("vocab.txt")), 0 },
            {});
    QVERIFY_ERROR(asked, ErrorKind::BadInput);
}

void TestImportWeights::anEncoderIsTheSameBeforeAndAfter()
{
    const auto models = path("models");
    std::filesystem::create_directory(models);
    const std::string bytes = CheckpointMaker(s3d(), Wrapping::Bare).stream();
    QVERIFY_RESULT(writeFileAtomically(models / "s3d_howto100m.pth", bytes));
    const auto before = features::encoderFingerprint("s3d", models);
    QVERIFY_RESULT(before);
    const auto report
        = jobs::runImportWeights({ models / "s3d_howto100m.pth", models / "s3d.safetensors",
                                     jobs::WeightsKindWish::Auto, {}, 0 },
            {});
    QVERIFY_RESULT(report);
    QCOMPARE(report->kind, jobs::WeightsKind::S3d);
    QCOMPARE(report->matched, 456);
    QCOMPARE(report->kept, std::vector<std::string>{ "text_module.word_embd.weight" });
    QCOMPARE(report->leftOut, std::vector<std::string>{ "conv1.bn1.num_batches_tracked" });
    std::filesystem::remove(models / "s3d_howto100m.pth");
    const auto compute
        = tensor::resolveCompute(tensor::DeviceWish::Cpu, tensor::PrecisionWish::Float32);
    const auto encoder = features::loadEncoder("s3d", models, *compute);
    QVERIFY_RESULT(encoder);
    QCOMPARE((*encoder)->fingerprint(), *before);
}

void TestImportWeights::theWordListGoesWithTheTextHead()
{
    // Three words of at most five characters, as numpy writes them: UTF-32, filled with zeros.
    const std::string header = "{'descr': '<U5', 'fortran_order': False, 'shape': (3,), }";
    std::string list("\x93NUMPY\x01\x00", 8);
    list.push_back(static_cast<char>(header.size()));
    list.push_back('\0');
    list.append(header);
    for (const char32_t* word : { U"fish", U"b\u00e4r", U"o'er" }) {
        char32_t cell[5] = {};
        std::copy_n(word, std::char_traits<char32_t>::length(word), cell);
        list.append(reinterpret_cast<const char*>(cell), sizeof cell);
    }
    const auto words = import("s3d_dict.npy", list);
    QVERIFY_RESULT(words);
    QCOMPARE(words->kind, jobs::WeightsKind::S3dWords);
    QCOMPARE(words->words, 3);
    const std::string expected = "fish\nb\xc3\xa4r\no'er\n";
    auto written = tensor::readSafetensors(path("out.safetensors"));
    QVERIFY_RESULT(written);
    QCOMPARE(written->metadata.at("clipscope.vocabulary"), expected);
    QVERIFY_ERROR(import("s3d_dict.npy", list, jobs::WeightsKindWish::Bert), ErrorKind::BadInput);

    const auto report = import("s3d.pth", CheckpointMaker(s3d(), Wrapping::Bare).zip());
    QVERIFY_RESULT(report);
    QCOMPARE(report->words, 3);
    written = tensor::readSafetensors(path("out.safetensors"));
    QVERIFY_RESULT(written);
    QCOMPARE(written->metadata.at("clipscope.vocabulary"), expected);
    // Numbers are no words.
    QVERIFY_RESULT(tensor::writeNpy(path("numbers.npy"), at::ones({ 3 })));
    const auto numbers = jobs::runImportWeights(
        { path("numbers.npy"), path("n.safetensors"), jobs::WeightsKindWish::Auto, {}, 0 }, {});
    QVERIFY_ERROR(numbers, ErrorKind::BadInput);
    QVERIFY(!std::filesystem::exists(path("n.safetensors")));
}

void TestImportWeights::bertOfHuggingFaceIsRead_data()
{
    QTest::addColumn<QString>("form");
    for (const char* form : { "model.safetensors", "pytorch_model.bin", "gamma and beta" })
        QTest::newRow(form) << form;
}

void TestImportWeights::bertOfHuggingFaceIsRead()
{
    QFETCH(QString, form);
    const std::string prefix = form == "model.safetensors" ? "" : "bert.";
    const auto source = bert(prefix);
    auto file = source;
    file.tensors["cls.predictions.bias"] = at::ones({ vocabularySize });
    if (form == "gamma and beta")
        for (const auto& [name, value] : source.tensors)
            if (const auto at = name.find("LayerNorm."); at != std::string::npos) {
                file.tensors[name.substr(0, at)
                    + (name.ends_with("weight") ? "LayerNorm.gamma" : "LayerNorm.beta")]
                    = value;
                file.tensors.erase(name);
            }
    QVERIFY_RESULT(writeFileAtomically(path("config.json"),
        R"({"model_type": "bert", "num_attention_heads": 8, "layer_norm_eps": 1e-6})"));
    QVERIFY_RESULT(tensor::writeSafetensors(path("model.safetensors"), file));
    const auto report = form == "model.safetensors"
        ? jobs::runImportWeights({ path("model.safetensors"), path("out.safetensors"),
                                     jobs::WeightsKindWish::Auto, {}, 0 },
            {})
        : import("pytorch_model.bin", CheckpointMaker(file, Wrapping::Bare).stream());
    QVERIFY_RESULT(report);
    QCOMPARE(report->kind, jobs::WeightsKind::Bert);
    QCOMPARE(report->leftOut, std::vector<std::string>{ "cls.predictions.bias" });
    const auto written = tensor::readSafetensors(path("out.safetensors"));
    QVERIFY_RESULT(written);
    QCOMPARE(written->tensors.size(), source.tensors.size());
    for (const auto& [name, value] : written->tensors)
        QVERIFY2(value.equal(source.tensors.at(prefix + name)), name.c_str());
    const auto config = parseJson(written->metadata.at("clipscope.config"));
    QVERIFY_RESULT(config);
    QCOMPARE((*config)["heads"].get<int>(), 8);
    QCOMPARE((*config)["layer-norm-eps"].get<double>(), 1e-6);
}

void TestImportWeights::relativesOfBertAreRefused()
{
    auto roberta = bert("roberta.");
    roberta.tensors["roberta.embeddings.token_type_embeddings.weight"] = at::ones({ 1, 64 });
    QVERIFY_ERROR(
        import("x.bin", CheckpointMaker(roberta, Wrapping::Bare).zip()), ErrorKind::Unsupported);
    QVERIFY_RESULT(writeFileAtomically(path("config.json"), R"({"model_type": "mpnet"})"));
    const auto report = import("x.bin", CheckpointMaker(bert(""), Wrapping::Bare).zip());
    QVERIFY_ERROR(report, ErrorKind::Unsupported);
    QCOMPARE(report.error().place.file, path("config.json"));
    QVERIFY(!std::filesystem::exists(path("out.safetensors")));
}

void TestImportWeights::whatDoesNotFitIsNamed_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<QString>("told");
    QTest::newRow("missing") << "text_encoder.encoder.layer.1.output.dense.bias"
                             << "text_encoder.encoder.layer.1.output.dense.bias";
    QTest::newRow("a layer in the middle") << "text_encoder.encoder.layer.0."
                                           << "missing";
    QTest::newRow("shape") << "shape"
                           << "file [3], network [64]";
    QTest::newRow("integers") << "integers"
                              << "Long";
    QTest::newRow("nothing known") << "nothing known"
                                   << "none of the networks";
    QTest::newRow("odd width") << "odd width"
                               << "less than half";
}

void TestImportWeights::whatDoesNotFitIsNamed()
{
    QFETCH(QString, fault);
    QFETCH(QString, told);
    tensor::TensorFile file = videoClip("");
    const char* const bias = "text_encoder.embeddings.LayerNorm.bias";
    if (fault == "shape")
        file.tensors[bias] = at::ones({ 3 });
    else if (fault == "integers")
        file.tensors[bias] = at::ones({ 64 }, at::kLong);
    else if (fault == "nothing known")
        file.tensors = { { "conv.weight", at::ones({ 3 }) } };
    else if (fault == "odd width") {
        file = bert("");
        file.tensors["embeddings.word_embeddings.weight"] = at::ones({ 1, 64000 });
    } else
        std::erase_if(file.tensors,
            [&](const auto& item) { return item.first.starts_with(fault.toStdString()); });
    const auto report = import("x.pt", CheckpointMaker(file, Wrapping::Fairseq).stream());
    QVERIFY_ERROR(report, ErrorKind::BadInput);
    QVERIFY_ERROR(
        jobs::runImportWeights(
            { path("x.pt"), path("out.safetensors"), jobs::WeightsKindWish::S3d, {}, 0 }, {}),
        ErrorKind::BadInput);
    QCOMPARE(report.error().place.file, path("x.pt"));
    QVERIFY2(report.error().toString().find(told.toStdString()) != std::string::npos,
        report.error().toString().c_str());
    QCOMPARE(QDir(m_temporary->path()).entryList(QDir::Files), QStringList{ "x.pt" });
}

void TestImportWeights::aForbiddenCallIsNamedAndNothingIsWritten()
{
    std::string bytes = CheckpointMaker(videoClip(""), Wrapping::Fairseq).stream();
    const std::string harmless = "cargparse\nNamespace\n)\x81";
    bytes.replace(bytes.find(harmless), harmless.size(), "cos\nsystem\nX\x04\0\0\0true\x85R");
    const auto report = import("x.pt", bytes);
    QVERIFY_ERROR(report, ErrorKind::BadInput);
    QCOMPARE(QDir(m_temporary->path()).entryList(QDir::Files), QStringList{ "x.pt" });
}

void TestImportWeights::numbersThatAreNotFiniteAreReported()
{
    auto file = bert("");
    file.tensors["embeddings.word_embeddings.weight"][3][5] = std::nan("");
    file.tensors["embeddings.word_embeddings.weight"][4][5] = INFINITY;
    const auto report = import("x.bin", CheckpointMaker(file, Wrapping::Bare).stream());
    QVERIFY_RESULT(report);
    QCOMPARE(report->notFinite.size(), 1u);
    QCOMPARE(report->notFinite[0].name, std::string("embeddings.word_embeddings.weight"));
    QCOMPARE(report->notFinite[0].count, 2);
    QCOMPARE(report->notes.size(), 1u);
    QCOMPARE(jobs::toJson(*report)["not_finite"][0]["count"].get<int>(), 2);
}

void TestImportWeights::anErrorOrAStopLeavesTheOldFile()
{
    QVERIFY_RESULT(writeFileAtomically(path("out.safetensors"), "old"));
    const std::string bytes = CheckpointMaker(bert(""), Wrapping::Bare).stream();
    QVERIFY_ERROR(import("x.bin", bytes.substr(0, bytes.size() - 1)), ErrorKind::BadInput);
    QVERIFY_RESULT(writeFileAtomically(path("x.bin"), bytes));
    std::stop_source source;
    source.request_stop();
    const auto stopped = jobs::runImportWeights(
        { path("x.bin"), path("out.safetensors"), jobs::WeightsKindWish::Auto, {}, 0 },
        { source.get_token() });
    QVERIFY_ERROR(stopped, ErrorKind::Cancelled);
    const auto same = jobs::runImportWeights(
        { path("x.bin"), path("x.bin"), jobs::WeightsKindWish::Auto, {}, 0 }, {});
    QVERIFY_ERROR(same, ErrorKind::BadInput);
    QCOMPARE(readFile(path("out.safetensors")).value_or(""), std::string("old"));
    QCOMPARE(readFile(path("x.bin")).value_or(""), bytes);
    QCOMPARE(QDir(m_temporary->path()).entryList(QDir::Files).size(), 2);
}

QTEST_GUILESS_MAIN(TestImportWeights)
#include "tst_import_weights.moc"
