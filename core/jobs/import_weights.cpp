#include "jobs/import_weights.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/sha256.h"
#include "jobs/weights_layout.h"
#include "tasks/text_side.h"
#include "tensor/npy.h"
#include "tensor/parameters.h"
#include "tensor/torch_file.h"
#include "text/word_piece.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;

std::string_view usualName(WeightsKind kind)
{
    switch (kind) {
    case WeightsKind::VideoClip:
        return "videoclip.safetensors";
    case WeightsKind::S3d:
        return "s3d.safetensors";
    case WeightsKind::S3dWords:
        return "s3d_words.safetensors";
    case WeightsKind::Bert:
        return "bert.safetensors";
    }
    return "";
}

bool matchesAny(std::string_view name, const std::vector<std::string>& parts)
{
    return std::any_of(parts.begin(), parts.end(),
        [&](const std::string& part) { return name.find(part) != std::string_view::npos; });
}

/// What is wrong with a tensor that the network wants; "" when nothing is.
std::string misfit(const at::Tensor& value, const std::vector<std::int64_t>& shape)
{
    if (value.sizes() != at::IntArrayRef(shape))
        return c10::str("file ", value.sizes(), ", network ", at::IntArrayRef(shape));
    if (!at::isFloatingType(value.scalar_type()))
        return c10::str("numbers of type ", value.scalar_type());
    return {};
}

/// Takes the tensors to write out of `file` and sorts the others.
/// Errors: BadInput naming weights that are missing or have another shape.
Result<tensor::TensorFile> selected(
    const tensor::TensorFile& file, const WeightsLayout& layout, ImportWeightsReport& report)
{
    tensor::TensorFile out;
    tensor::LoadReport fit;
    for (const auto& [name, shape] : layout.wanted) {
        const auto found = file.tensors.find(layout.prefix + name);
        if (found == file.tensors.end()) {
            fit.missing.push_back(name);
            continue;
        }
        if (const std::string problem = misfit(found->second, shape); !problem.empty())
            fit.wrongShape.push_back(std::string(name).append(": ").append(problem));
        out.tensors[name] = found->second;
    }
    report.matched = static_cast<std::int64_t>(out.tensors.size());
    for (const auto& [full, value] : file.tensors) {
        const bool below = full.starts_with(layout.prefix);
        const std::string name = below ? full.substr(layout.prefix.size()) : full;
        if (below && out.tensors.contains(name))
            continue;
        if (below && std::any_of(layout.kept.begin(), layout.kept.end(), [&](const auto& start) {
                return name.starts_with(start);
            })) {
            out.tensors[name] = value;
            report.kept.push_back(name);
        } else {
            (matchesAny(full, layout.unused) ? report.leftOut : report.unexpected).push_back(full);
        }
    }
    if (fit.complete())
        return out;
    fit.unexpected = report.unexpected;
    return fail(ErrorKind::BadInput,
        "The file is not a whole " + layout.title + ": "
            + std::to_string(fit.missing.size() + fit.wrongShape.size()) + " of "
            + std::to_string(layout.wanted.size()) + " weights do not fit; " + fit.toString() + ".",
        { report.file, layout.prefix.empty() ? "" : "tensors named " + layout.prefix + "*" },
        "Take a complete checkpoint of this kind.");
}

/// NaN and infinite numbers, counted piece by piece: LibTorch makes copies on the way.
std::int64_t notFiniteIn(const at::Tensor& value)
{
    constexpr std::int64_t pieceSize = 1 << 20;
    if (!at::isFloatingType(value.scalar_type()))
        return 0;
    const at::Tensor flat = value.reshape({ -1 });
    std::int64_t count = 0;
    for (std::int64_t begin = 0; begin < flat.numel(); begin += pieceSize) {
        const at::Tensor piece = flat.narrow(0, begin, std::min(pieceSize, flat.numel() - begin));
        count += piece.numel() - at::isfinite(piece).sum().item<std::int64_t>();
    }
    return count;
}

/// Lists what is written and counts the numbers that are not finite.
/// Errors: Cancelled.
Status inspect(
    const tensor::TensorFile& out, ImportWeightsReport& report, const JobContext& context)
{
    Progress progress;
    progress.phase = "check";
    progress.total = static_cast<std::int64_t>(out.tensors.size());
    progress.unit = "tensors";
    for (const auto& [name, value] : out.tensors) {
        if (context.stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Stopped while checking the weights.");
        report.written.push_back(
            { name, std::string(tensor::typeName(value.scalar_type())), value.sizes().vec() });
        if (const std::int64_t count = notFiniteIn(value); count > 0)
            report.notFinite.push_back({ name, count });
        ++progress.done;
        context.progress.report(progress);
    }
    if (!report.notFinite.empty())
        report.notes.push_back(std::to_string(report.notFinite.size())
            + " tensors hold numbers that are not finite, the first is "
            + report.notFinite.front().name + "; what is computed with them will not be either.");
    return {};
}

/// Puts the vocabulary into the metadata: the one that is named, or that lies beside the file.
Status addVocabulary(const ImportWeightsSettings& settings, const WeightsLayout& layout,
    const tensor::TensorFile& file, tensor::TensorFile& out, ImportWeightsReport& report)
{
    if (layout.vocabulary == 0)
        return {};
    fs::path path = pathFromUtf8(settings.vocabulary);
    if (path.empty()) {
        if (const auto own = file.metadata.find(tasks::vocabularyKey); own != file.metadata.end()) {
            out.metadata[tasks::vocabularyKey] = own->second;
            report.words = layout.vocabulary;
            return {};
        }
        path = settings.file.parent_path() / "vocab.txt";
        std::error_code error;
        if (!fs::is_regular_file(path, error))
            return {};
    }
    auto words = text::WordPiece::load(path);
    if (words && words->size() != layout.vocabulary)
        words = fail(ErrorKind::BadInput,
            "The vocabulary has " + std::to_string(words->size()) + " words, the text embedding "
                + std::to_string(layout.vocabulary) + ".",
            { path, {} });
    if (!words && !settings.vocabulary.empty())
        return fail(std::move(words).error());
    if (!words) {
        report.notes.push_back(
            "The vocabulary beside the file was left out. " + words.error().toString());
        return {};
    }
    out.metadata[tasks::vocabularyKey] = words->vocabularyText();
    report.words = words->size();
    return {};
}

/// The word list of the S3D text head, one word a line; word i has the id i + 1.
Result<std::string> wordLines(const fs::path& path, std::int64_t& count)
{
    CLIP_TRY_ASSIGN(const auto words, tensor::readNpyTexts(path));
    std::string lines;
    for (const std::string& word : words) {
        if (word.find('\n') != std::string::npos)
            return fail(ErrorKind::BadInput,
                "Word " + std::to_string(&word - words.data()) + " of the list has several lines.",
                { path, {} });
        lines += word + "\n";
    }
    count = static_cast<std::int64_t>(words.size());
    return lines;
}

/// The word list goes with the text head when it lies beside the weights under its usual name.
Status addS3dWords(
    const ImportWeightsSettings& settings, tensor::TensorFile& out, ImportWeightsReport& report)
{
    const auto table = out.tensors.find("text_module.word_embd.weight");
    const fs::path path = settings.file.parent_path() / "s3d_dict.npy";
    std::error_code error;
    if (report.kind != WeightsKind::S3d || table == out.tensors.end()
        || !fs::is_regular_file(path, error))
        return {};
    std::int64_t count = 0;
    CLIP_TRY_ASSIGN(auto lines, wordLines(path, count));
    if (table->second.dim() != 2 || table->second.size(0) != count + 1) {
        report.notes.push_back("The word list s3d_dict.npy beside the file has "
            + std::to_string(count) + " words, which the text head does not fit; it was left out.");
        return {};
    }
    out.metadata[tasks::vocabularyKey] = std::move(lines);
    report.words = count;
    return {};
}

Result<tensor::TensorFile> convertTensors(
    const ImportWeightsSettings& settings, ImportWeightsReport& report, const JobContext& context)
{
    CLIP_TRY_ASSIGN(auto file, tensor::readTensors(settings.file));
    CLIP_TRY_ASSIGN(const WeightsLayout layout, weightsLayoutOf(file, settings));
    report.kind = layout.kind;
    report.prefix = layout.prefix;
    report.notes = layout.notes;
    CLIP_TRY_ASSIGN(auto out, selected(file, layout, report));
    CLIP_TRY(inspect(out, report, context));
    out.metadata.insert(layout.metadata.begin(), layout.metadata.end());
    if (const auto config = layout.metadata.find("clipscope.config");
        config != layout.metadata.end())
        report.config = config->second;
    CLIP_TRY(addVocabulary(settings, layout, file, out, report));
    CLIP_TRY(addS3dWords(settings, out, report));
    return out;
}

Result<tensor::TensorFile> convertWords(
    const ImportWeightsSettings& settings, ImportWeightsReport& report)
{
    if (settings.kind != WeightsKindWish::Auto && settings.kind != WeightsKindWish::S3d)
        return fail(ErrorKind::BadInput, "A numpy array is only known as S3D's list of words.",
            { settings.file, {} });
    report.kind = WeightsKind::S3dWords;
    tensor::TensorFile out;
    CLIP_TRY_ASSIGN(out.metadata[tasks::vocabularyKey], wordLines(settings.file, report.words));
    return out;
}

Result<fs::path> outputPath(const ImportWeightsSettings& settings, WeightsKind kind)
{
    std::error_code error;
    if (settings.output.empty()) {
        const fs::path folder = modelsFolder();
        CLIP_TRY(makeFolder("The models folder", folder));
        return folder / usualName(kind);
    }
    if (fs::equivalent(settings.file, settings.output, error))
        return fail(ErrorKind::BadInput, "The output would replace the file that is read.",
            { settings.output, {} }, "Give another name with --output.");
    return settings.output;
}

Result<ImportWeightsReport> run(const ImportWeightsSettings& settings, const JobContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    ImportWeightsReport report;
    report.file = settings.file;
    CLIP_TRY_ASSIGN(const auto format, tensor::fileFormatOf(settings.file));
    report.format = tensor::fileFormatName(format);
    auto converted = format == tensor::FileFormat::Npy ? convertWords(settings, report)
                                                       : convertTensors(settings, report, context);
    CLIP_TRY_ASSIGN(tensor::TensorFile out, std::move(converted));
    CLIP_TRY_ASSIGN(report.output, outputPath(settings, report.kind));
    CLIP_TRY_ASSIGN(report.sha256, sha256OfFile(settings.file, context.stop));
    out.metadata["clipscope.kind"] = weightsKindName(report.kind);
    out.metadata["clipscope.source.file"] = utf8(settings.file.filename());
    out.metadata["clipscope.source.sha256"] = report.sha256;
    out.metadata["clipscope.source.format"] = report.format;
    out.metadata["clipscope.source.prefix"] = report.prefix;
    Progress writing;
    writing.phase = "write";
    context.progress.report(writing);
    CLIP_TRY(tensor::writeSafetensors(report.output, out));
    std::error_code error;
    report.bytes = fs::file_size(settings.file, error);
    report.outputBytes = fs::file_size(report.output, error);
    report.elapsedSeconds
        = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

} // namespace

void describe(SettingsVisitor& visitor, ImportWeightsSettings& settings)
{
    visitor.field("import-weights.kind", settings.kind, { "auto", "videoclip", "s3d", "bert" },
        SettingLevel::Basic, "What the file is; auto tells it by the names of the tensors.");
    visitor.field("import-weights.vocabulary", settings.vocabulary, SettingLevel::Basic,
        "WordPiece vocabulary to keep with the weights; empty takes vocab.txt beside the file.");
    visitor.field("import-weights.heads", settings.heads, { 0, 4096 }, "heads",
        SettingLevel::Expert,
        "Attention heads; 0 tells them by config.json beside the file or by the width.");
}

std::string_view weightsKindName(WeightsKind kind)
{
    switch (kind) {
    case WeightsKind::VideoClip:
        return "videoclip";
    case WeightsKind::S3d:
        return "s3d";
    case WeightsKind::S3dWords:
        return "s3d-words";
    case WeightsKind::Bert:
        return "bert";
    }
    return "";
}

Json toJson(const ImportWeightsReport& report)
{
    Json tensors = Json::array(), notFinite = Json::array(), types = Json::object();
    for (const auto& tensor : report.written) {
        tensors.push_back(
            { { "name", tensor.name }, { "dtype", tensor.type }, { "shape", tensor.shape } });
        types[tensor.type] = types.value(tensor.type, 0) + 1;
    }
    for (const auto& tensor : report.notFinite)
        notFinite.push_back({ { "name", tensor.name }, { "count", tensor.count } });
    // A file with missing weights or other shapes is refused: both are always empty here.
    return { { "file", utf8(report.file) }, { "output", utf8(report.output) },
        { "kind", weightsKindName(report.kind) }, { "format", report.format },
        { "sha256", report.sha256 }, { "bytes", report.bytes },
        { "output_bytes", report.outputBytes }, { "prefix", report.prefix },
        { "matched", report.matched }, { "missing", Json::array() },
        { "wrong_shape", Json::array() }, { "kept", report.kept }, { "left_out", report.leftOut },
        { "unexpected", report.unexpected }, { "not_finite", notFinite }, { "dtypes", types },
        { "words", report.words }, { "config", parseJson(report.config).value_or(Json()) },
        { "notes", report.notes }, { "tensors", tensors },
        { "elapsed_seconds", report.elapsedSeconds } };
}

Result<ImportWeightsReport> runImportWeights(
    const ImportWeightsSettings& settings, JobContext context)
{
    return guarded([&] { return run(settings, context); });
}

} // namespace clipscope::jobs
