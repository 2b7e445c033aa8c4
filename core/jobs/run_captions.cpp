#include "jobs/run_captions.h"

#include "data/named_source.h"
#include "data/project_captions.h"
#include "jobs/batch_report.h"
#include "jobs/import_source.h"
#include "jobs/pretrain.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "tasks/text_side.h"
#include "tensor/tensor_file.h"

namespace clipscope::jobs {

namespace {

Result<text::WordPiece> wordsOfRun(const store::RunFolder& run)
{
    const auto file = run.checkpointsFolder() / "last.safetensors";
    CLIP_TRY_ASSIGN(const auto weights, tensor::readSafetensors(file));
    const auto vocabulary = weights.metadata.find(tasks::vocabularyKey);
    if (vocabulary == weights.metadata.end())
        return fail(ErrorKind::NotFound, "The checkpoint has no vocabulary.", { file, {} });
    return text::WordPiece::fromText(vocabulary->second, file);
}

} // namespace

RunCaptions::RunCaptions(std::optional<text::WordPiece> words, store::CaptionShard shard)
    : m_words(std::move(words))
    , m_shard(std::move(shard))
{
    m_places.reserve(static_cast<std::size_t>(m_shard.videoCount()));
    for (std::int64_t at = 0; at < m_shard.videoCount(); ++at)
        m_places.emplace(m_shard.videoId(at), at);
}

Result<RunCaptions> RunCaptions::open(const store::Project& project, const store::RunFolder& run)
{
    PretrainSettings settings;
    CLIP_TRY(settingsTable(settings).readToml(run.configFile()));
    CLIP_TRY_ASSIGN(auto source, ofSource(project, run, settings));
    if (source)
        return std::move(*source);
    CLIP_TRY_ASSIGN(auto words, wordsOfRun(run));
    CLIP_TRY_ASSIGN(auto shard,
        data::openProjectCaptions(project, words,
            { settings.deduplicate, settings.captionCharacters, settings.captionTokens }));
    return RunCaptions(std::move(words), std::move(shard));
}

Result<std::optional<RunCaptions>> RunCaptions::openSource(
    const store::Project& project, const store::RunFolder& run)
{
    PretrainSettings settings;
    CLIP_TRY(settingsTable(settings).readToml(run.configFile()));
    return ofSource(project, run, settings);
}

Result<std::optional<RunCaptions>> RunCaptions::ofSource(
    const store::Project& project, const store::RunFolder& run, const PretrainSettings& settings)
{
    if (settings.source != PretrainSource::HowTo100m)
        return std::optional<RunCaptions>();
    CLIP_TRY_ASSIGN(
        auto shard, store::CaptionShard::open(data::namedSource(project, howto100mName).captions));
    // A run that has not saved yet has names all the same.
    auto words = wordsOfRun(run);
    return std::optional(
        RunCaptions(words ? std::optional(std::move(*words)) : std::nullopt, std::move(shard)));
}

std::string_view RunCaptions::nameOf(std::int64_t videoId) const
{
    const auto place = m_places.find(videoId);
    return place == m_places.end() ? std::string_view() : m_shard.video(place->second).name;
}

std::optional<RunCaptions::Said> RunCaptions::said(
    std::int64_t videoId, std::int64_t captionBegin, std::int64_t captionEnd) const
{
    const auto place = m_places.find(videoId);
    if (!m_words || place == m_places.end() || !m_shard.check(place->second))
        return {};
    const store::CaptionList captions = m_shard.video(place->second).captions;
    const auto count = static_cast<std::int64_t>(captions.size());
    if (captionBegin < 0 || captionBegin >= captionEnd || captionEnd > count)
        return {}; // imported anew since
    return Said{ wordsOf(*m_words, captions, captionBegin, captionEnd),
        captions[static_cast<std::size_t>(captionBegin)].startSeconds,
        captions[static_cast<std::size_t>(captionEnd - 1)].stopSeconds };
}

} // namespace clipscope::jobs
