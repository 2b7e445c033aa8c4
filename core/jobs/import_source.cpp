#include "jobs/import_source.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "data/named_source.h"
#include "jobs/skipped.h"
#include "store/project.h"
#include "tasks/starter.h"
#include "text/caption_stream.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_set>

namespace clipscope::jobs {

namespace fs = std::filesystem;

namespace {

class SourceImport final
{
public:
    SourceImport(data::NamedSource files, const ImportSettings& settings, const JobContext& context)
        : m_files(std::move(files))
        , m_settings(settings)
        , m_context(context)
    {
    }
    SourceReport report;

    Status takeCaptions(const text::WordPiece& words)
    {
        const data::CaptionConfig config{ true, m_settings.captionCharacters,
            m_settings.captionTokens };
        CLIP_TRY_ASSIGN(auto writer, store::CaptionShardWriter::create(m_files.captions));
        std::unordered_set<std::int64_t> seen;
        Hasher content;
        store::CaptionTable table;
        const auto take = [&](text::VideoCaptions video) -> Status {
            const std::int64_t id = data::videoIdOf(video.video);
            if (!seen.insert(id).second) {
                skip({ ErrorKind::BadInput,
                    "\"" + video.video + "\" stands there twice; the first counts.",
                    { m_settings.howto100m, {} }, {}, {} });
                return {};
            }
            data::tokenise(std::move(video.captions), id, words, config, table);
            if (table.list().ids().empty()) {
                ++report.withoutCaptions;
                return {};
            }
            addTo(content, video.video, table.list());
            return writer.append(id, video.video, video.video, table.list());
        };
        m_begun = std::chrono::steady_clock::now();
        CLIP_TRY(text::streamCaptionsJson(m_settings.howto100m,
            { take, [this](Error error) { skip(std::move(error)); },
                [this](std::uint64_t done, std::uint64_t total) {
                    tell("captions", static_cast<std::int64_t>(done),
                        static_cast<std::int64_t>(total), "bytes");
                } },
            m_context.stop));
        if (writer.videoCount() == 0)
            return fail(ErrorKind::NotFound, "No video of the file has captions.",
                { m_settings.howto100m, {} });
        return writer.commit({ data::captionFingerprint(words, config), content.hex() });
    }

    Status takeFeatures(const store::CaptionShard& captions)
    {
        std::error_code code;
        const fs::path folder = fs::absolute(m_settings.features, code).lexically_normal();
        if (!fs::is_directory(folder, code))
            return fail(
                ErrorKind::NotFound, "There is no such folder.", { m_settings.features, {} });
        CLIP_TRY_ASSIGN(const auto found, lookInto(folder, captions));
        std::map<std::int64_t, std::int64_t> widths;
        for (const data::FeatureFile& file : found)
            if (file.seconds > 0)
                ++widths[file.width];
        if (widths.empty())
            return fail(ErrorKind::NotFound,
                "None of the " + std::to_string(found.size())
                    + " captioned videos has features in this folder.",
                { folder, {} }, "Files are named ID.npy and hold [seconds, numbers].");
        const std::int64_t width
            = std::max_element(widths.begin(), widths.end(), [](const auto& a, const auto& b) {
                  return a.second < b.second;
              })->first;
        report.features = SourceFeatures{ 0, 0, width };
        store::AdoptedFeatures adopted{ utf8(folder), m_settings.encoder, captions.origin().content,
            width, {} };
        for (std::size_t at = 0; at < found.size(); ++at) {
            const bool fits = found[at].seconds > 0 && found[at].width == width;
            if (found[at].seconds > 0 && !fits)
                skip({ ErrorKind::BadInput,
                    "The features have " + std::to_string(found[at].width)
                        + " numbers per second, most others " + std::to_string(width) + ".",
                    { *data::featurePath(
                          folder, captions.video(static_cast<std::int64_t>(at)).name),
                        {} },
                    {}, {} });
            adopted.seconds.push_back(fits ? static_cast<std::uint32_t>(found[at].seconds) : 0);
            report.features->videos += fits ? 1 : 0;
            report.features->seconds += fits ? found[at].seconds : 0;
        }
        return store::writeAdoptedFeatures(m_files.features, adopted);
    }

private:
    /// What each video's file holds; no seconds where there is no usable one.
    Result<std::vector<data::FeatureFile>> lookInto(
        const fs::path& folder, const store::CaptionShard& captions)
    {
        constexpr std::int64_t mostSeconds = 1 << 30;
        std::vector<data::FeatureFile> found(static_cast<std::size_t>(captions.videoCount()));
        m_begun = std::chrono::steady_clock::now();
        for (std::int64_t at = 0; at < captions.videoCount(); ++at) {
            if (m_context.stop.stop_requested())
                return fail(ErrorKind::Cancelled, "Stopped while looking at features.");
            if (at % 256 == 0)
                tell("features", at, captions.videoCount(), "videos");
            const auto path = data::featurePath(folder, captions.video(at).name);
            auto file = path ? data::featureFile(*path) : fail(path.error());
            if (file && (file->seconds < 1 || file->seconds > mostSeconds))
                file = fail(ErrorKind::BadInput, "The features are of no second.", { *path, {} });
            if (file)
                found[static_cast<std::size_t>(at)] = *file;
            else
                skip(std::move(file).error());
        }
        tell("features", captions.videoCount(), captions.videoCount(), "videos");
        return found;
    }

    static void addTo(Hasher& content, const std::string& name, const store::CaptionList& captions)
    {
        content.add(name + "\n" + std::to_string(captions.size()) + "\n");
        content.add(std::as_bytes(captions.times()));
        content.add(std::as_bytes(captions.tokenStarts()));
        content.add(std::as_bytes(captions.ids()));
    }
    void skip(Error error)
    {
        constexpr std::size_t most = 100;
        ++report.skippedCount;
        if (report.skipped.size() >= most)
            return;
        m_context.log.warning(error.toString());
        report.skipped.push_back(std::move(error));
    }
    void tell(const char* phase, std::int64_t done, std::int64_t total, const char* unit) const
    {
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - m_begun;
        m_context.progress.report({ phase, done, total, unit,
            elapsed.count() > 0 ? static_cast<double>(done) / elapsed.count() : 0.0, {} });
    }

    const data::NamedSource m_files;
    const ImportSettings& m_settings;
    const JobContext& m_context;
    std::chrono::steady_clock::time_point m_begun;
};

/// What an import that was killed left behind.
void removeLeftovers(const data::NamedSource& files)
{
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(files.captions.parent_path(), code))
        for (const fs::path& file : { files.captions, files.features })
            if (utf8(entry.path()).starts_with(utf8(file) + "."))
                fs::remove(entry.path(), code);
}

} // namespace

Json toJson(const SourceReport& report)
{
    Json json{ { "source", howto100mName }, { "videos", report.videos },
        { "captions", report.captions }, { "tokens", report.tokens },
        { "without_captions", report.withoutCaptions }, { "features", nullptr },
        { "skipped_count", report.skippedCount }, { "skipped", skippedList(report.skipped) } };
    if (report.features)
        json["features"] = { { "videos", report.features->videos },
            { "seconds", report.features->seconds }, { "width", report.features->width } };
    return json;
}

Result<SourceReport> runImportSource(const ImportSettings& settings, const JobContext& context)
{
    return guarded([&]() -> Result<SourceReport> {
        CLIP_TRY_ASSIGN(
            const auto project, store::Project::open(settings.project, store::Access::ReadOnly));
        const data::NamedSource files = data::namedSource(project, howto100mName);
        const fs::path folder = files.captions.parent_path();
        CLIP_TRY(makeFolder("The captions folder", folder));
        CLIP_TRY_ASSIGN(const auto lock, FileLock::acquire(folder / "lock"));
        removeLeftovers(files);
        SourceImport import(files, settings, context);
        if (!settings.howto100m.empty()) {
            auto words = settings.vocabulary.empty()
                ? tasks::starterVocabulary()
                : text::WordPiece::load(pathFromUtf8(settings.vocabulary));
            if (!words)
                return fail(std::move(words).error());
            CLIP_TRY(import.takeCaptions(*words));
        }
        auto captions = store::CaptionShard::open(files.captions);
        if (!captions && captions.error().kind == ErrorKind::NotFound)
            captions.error().hint = "Import the captions with --howto100m first.";
        if (!captions)
            return fail(std::move(captions).error());
        import.report.videos = captions->videoCount();
        import.report.captions = captions->captionCount();
        import.report.tokens = captions->tokenCount();
        if (!settings.features.empty())
            CLIP_TRY(import.takeFeatures(*captions));
        return std::move(import.report);
    });
}

} // namespace clipscope::jobs
