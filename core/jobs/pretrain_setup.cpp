#include "jobs/pretrain_setup.h"

#include "base/files.h"
#include "base/random.h"
#include "jobs/import_source.h"
#include "jobs/pretrain_split.h"
#include "model/bert_start.h"
#include "store/project.h"
#include "tasks/checkpoints.h"
#include "tasks/starter.h"
#include "tasks/text_side.h"
#include "tensor/tensor_file.h"
#include "tensor/torch_file.h"

#include <algorithm>

namespace clipscope::jobs {

namespace {

/// The checkpoint to begin with: a file, or a name as the project lists it.
Result<std::filesystem::path> checkpointFile(const std::string& from, const store::Project& project)
{
    std::filesystem::path path = pathFromUtf8(from);
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error))
        return path;
    CLIP_TRY_ASSIGN(const auto info, tasks::findCheckpoint(project, from));
    if (info.kind != tasks::CheckpointKind::VideoClip)
        return fail(ErrorKind::Unsupported,
            "\"" + info.title + "\" cannot be trained: it is no VideoCLIP model.",
            { info.path, {} }, "Train from scratch, or from a VideoCLIP checkpoint.");
    return info.path;
}

Result<text::WordPiece> wordsFor(const PretrainSettings& settings, const tensor::TensorFile* file,
    const std::filesystem::path& path)
{
    if (file != nullptr)
        if (const auto own = file->metadata.find(tasks::vocabularyKey); own != file->metadata.end())
            return text::WordPiece::fromText(own->second, path);
    if (!settings.vocabulary.empty())
        return text::WordPiece::load(pathFromUtf8(settings.vocabulary));
    auto words = tasks::starterVocabulary();
    if (!words && words.error().kind == ErrorKind::NotFound)
        return fail(ErrorKind::NotFound,
            "There is no vocabulary: none was named, and the starter, which has one, is not "
            "installed.",
            words.error().place,
            "Name a vocab.txt with --data.vocabulary; make-collection writes one beside its "
            "films.");
    return words;
}

model::VideoClipConfig configOf(
    const PretrainSettings& settings, const text::WordPiece& words, std::int64_t featureWidth)
{
    model::VideoClipConfig config;
    model::BertConfig bert;
    bert.width = settings.width;
    bert.heads = settings.heads;
    bert.feedForward = settings.feedForward;
    bert.dropout = settings.dropout;
    config.text.bert = bert;
    config.text.bert.layers = settings.textLayers;
    config.text.bert.vocabulary = words.size();
    config.text.bert.positions = settings.maxTokens + 2;
    config.text.maxTokens = settings.maxTokens;
    config.video.bert = bert;
    config.video.bert.layers = settings.videoLayers;
    // The video tower uses the words [CLS] and [SEP] alone.
    config.video.bert.vocabulary = std::max(words.clsId(), words.sepId()) + 1;
    config.video.bert.positions = settings.maxSeconds + 2;
    config.video.maxSeconds = settings.maxSeconds;
    config.video.inputWidth = featureWidth;
    config.video.clsId = words.clsId();
    config.video.sepId = words.sepId();
    return config;
}

Result<model::VideoClip> freshNetwork(
    const PretrainSettings& settings, const text::WordPiece& words, std::int64_t featureWidth)
{
    const model::VideoClipConfig config = configOf(settings, words, featureWidth);
    CLIP_TRY(model::checkConfig(config));
    model::VideoClip network(config);
    network.parameters().initialise(Random({ static_cast<std::uint64_t>(settings.seed) }));
    return network;
}

Result<model::VideoClip> networkFromBert(const tensor::TensorFile& bert,
    const std::filesystem::path& path, const PretrainSettings& settings,
    const text::WordPiece& words, std::int64_t featureWidth)
{
    return model::videoClipFromBert(bert, configOf(settings, words, featureWidth),
        Random({ static_cast<std::uint64_t>(settings.seed) }), path);
}

/// A run to go on with has its split already.
Result<data::Split> splitFor(
    const PretrainSettings& settings, const store::Project& project, const data::TrainingSet& set)
{
    const auto videos = splitVideos(set);
    if (!settings.resume.empty()) {
        auto stored
            = readSplit(splitFile(project.runsFolder() / pathFromUtf8(settings.resume)), videos);
        if (stored || stored.error().kind != ErrorKind::NotFound)
            return stored;
    }
    if (!settings.validationList.empty())
        return splitByList(pathFromUtf8(settings.validationList), project, videos);
    return data::splitOf(set, static_cast<std::uint64_t>(settings.seed),
        settings.validationFraction, settings.validationLeast);
}

/// open() shares memory with the file, which is read-only; a network that trains owns its weights.
Result<model::VideoClip> networkFrom(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(auto network, model::VideoClip::open(path));
    for (const tensor::NamedTensor& parameter : network.parameters().all())
        parameter.tensor.set_data(parameter.tensor.clone());
    return network;
}

train::TrainerConfig trainerConfig(const PretrainSettings& settings, const tensor::Compute& compute)
{
    train::TrainerConfig config;
    config.compute = compute;
    config.seed = static_cast<std::uint64_t>(settings.seed);
    config.batchVideos = settings.batchVideos;
    config.sampling.pairsPerVideo = settings.pairsPerVideo;
    config.sampling.clips = settings.clips;
    config.sampling.textBudgetLow = settings.textBudgetLow;
    config.sampling.textBudgetHigh = settings.textBudgetHigh;
    config.sampling.videoSecondsLow = settings.videoSecondsLow;
    config.sampling.videoSecondsHigh = settings.videoSecondsHigh;
    config.schedule
        = { settings.learningRate, std::min(settings.warmupSteps, settings.steps), settings.steps };
    config.clipNorm = settings.clipNorm;
    config.adam = { settings.beta1, settings.beta2, settings.eps };
    config.maxEvaluationPairs = settings.evaluationPairs;
    config.clusters.kind = settings.batches;
    config.clusters.videos = settings.clusterVideos;
    config.clusters.candidates = settings.clusterCandidates;
    config.clusters.search = { settings.index, settings.indexLists, settings.indexProbes };
    config.clusters.exactBelow = settings.indexExactBelow;
    config.clipsPerVector = settings.retrievalClips;
    config.pairsAtOnce = settings.pairsAtOnce;
    config.recompute = settings.activationCheckpointing;
    config.gatherNegatives = settings.gatherNegatives;
    config.averageDecay = settings.averageDecay;
    config.divergenceFactor = settings.divergenceFactor;
    return config;
}

Result<data::TrainingSet> openSet(
    const PretrainSettings& settings, const store::Project& project, const text::WordPiece& words)
{
    const data::CaptionConfig captions{ settings.deduplicate, settings.captionCharacters,
        settings.captionTokens };
    return settings.source == PretrainSource::HowTo100m
        ? data::TrainingSet::openSource(project, howto100mName, words, captions)
        : data::TrainingSet::open(project, settings.encoder, words, captions);
}

std::vector<std::string> notesOn(const PretrainSetup& setup)
{
    constexpr std::size_t manyFilms = 1000;
    std::vector<std::string> notes;
    const auto count = [](std::int64_t n) { return std::to_string(n); };
    if (setup.set.withoutCaptions() > 0)
        notes.push_back(count(setup.set.withoutCaptions()) + " videos have no captions.");
    if (setup.set.withoutFeatures() > 0)
        notes.push_back(count(setup.set.withoutFeatures())
            + " captioned videos have no features yet and are left out.");
    if (setup.split.validation.empty())
        notes.emplace_back("There are too few films for a validation part: loss and recall are "
                           "measured on the films it trains on.");
    if (setup.split.training.size() < manyFilms)
        notes.push_back(std::to_string(setup.split.training.size())
            + " films only show that training works; a model that finds things in other films "
              "needs many thousands.");
    return notes;
}

} // namespace

Result<PretrainSetup> setUpPretraining(
    const PretrainSettings& settings, const store::Project& project, const tensor::Compute& compute)
{
    std::optional<train::TrainingCheckpoint> checkpoint;
    std::optional<tensor::TensorFile> begin;
    std::filesystem::path path;
    if (!settings.resume.empty()) {
        CLIP_TRY_ASSIGN(const auto run,
            store::RunFolder::open(project.runsFolder() / pathFromUtf8(settings.resume)));
        if (auto last = train::loadLast(run.checkpointsFolder())) {
            path = last->weightsPath;
            begin = last->weights;
            checkpoint = std::move(*last);
        } else if (last.error().kind != ErrorKind::NotFound) { // none yet: it has not begun
            return fail(std::move(last).error());
        }
    }
    if (!begin && !settings.from.empty()) {
        CLIP_TRY_ASSIGN(path, checkpointFile(settings.from, project));
        CLIP_TRY_ASSIGN(begin, tensor::readTensors(path));
    }
    CLIP_TRY_ASSIGN(auto words, wordsFor(settings, begin ? &*begin : nullptr, path));
    CLIP_TRY_ASSIGN(auto set, openSet(settings, project, words));
    auto network = !begin ? freshNetwork(settings, words, set.featureWidth())
        : model::isBertAlone(*begin)
        ? networkFromBert(*begin, path, settings, words, set.featureWidth())
        : networkFrom(path);
    if (!network)
        return fail(std::move(network).error());
    if (network->config().text.bert.vocabulary < words.size())
        return fail(ErrorKind::BadInput,
            "The vocabulary has " + std::to_string(words.size()) + " tokens, the model only "
                + std::to_string(network->config().text.bert.vocabulary) + ".",
            { path, {} }, "Set data.vocabulary to the one the checkpoint was trained with.");
    train::TrainerConfig config = trainerConfig(settings, compute);
    CLIP_TRY_ASSIGN(data::Split split, splitFor(settings, project, set));
    std::map<std::string, std::string> metadata{ { tasks::vocabularyKey, words.vocabularyText() },
        { "clipscope.encoder", set.encoder() },
        { "clipscope.encoder-fingerprint", set.encoderFingerprint() } };
    PretrainSetup setup{ std::move(words), std::move(set), std::move(split), std::move(*network),
        config, std::move(checkpoint), std::move(metadata), {} };
    setup.notes = notesOn(setup);
    return setup;
}

Status dropMetricsAfter(const store::RunFolder& run, std::int64_t step)
{
    auto text = readFile(run.metricsFile());
    if (!text)
        return text.error().kind == ErrorKind::NotFound ? Status() : fail(text.error());
    std::string kept;
    std::string_view rest = *text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos)
            break; // torn by a crash
        const std::string_view line = rest.substr(0, end + 1);
        rest.remove_prefix(line.size());
        const auto row = parseJson(line);
        if (row && row->is_object() && row->contains("step") && (*row)["step"].is_number()
            && (*row)["step"].get<std::int64_t>() <= step)
            kept += line;
    }
    return kept == *text ? Status() : writeFileAtomically(run.metricsFile(), kept);
}

} // namespace clipscope::jobs
