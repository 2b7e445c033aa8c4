#include "jobs/import.h"

#include "base/files.h"
#include "jobs/import_captions.h"
#include "jobs/import_inspector.h"
#include "jobs/skipped.h"
#include "store/project.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <unordered_set>

namespace clipscope::jobs {

namespace fs = std::filesystem;

namespace {

/// One import at work: the only writer of the catalogue.
class Importer final
{
public:
    Importer(store::Project& project, CaptionLibrary& library, const JobContext& context)
        : m_catalogue(project.catalogue())
        , m_library(library)
        , m_context(context)
    {
    }

    Status run(const FoundFiles& files, int threads)
    {
        CLIP_TRY_ASSIGN(const auto known, m_catalogue.videos());
        Inspector inspector(files, known, threads, m_context.stop);
        const auto begun = std::chrono::steady_clock::now();
        const auto total = static_cast<std::int64_t>(files.candidates.size());
        for (const fs::path& file : files.candidates) {
            const auto done = static_cast<std::int64_t>(m_done++);
            const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begun;
            m_context.progress.report({ "import", done, total, "files",
                elapsed.count() > 0 ? static_cast<double>(done) / elapsed.count() : 0.0,
                utf8(file.filename()) });
            CLIP_TRY_ASSIGN(Inspection found, inspector.next());
            CLIP_TRY(take(file, std::move(found), inspector));
        }
        m_context.progress.report({ "import", total, total, "files", 0.0, {} });
        return finishUp();
    }

    ImportReport report;

    Status skip(SkippedItem item)
    {
        m_context.log.warning(utf8(item.path) + ": " + item.reason);
        const store::ProblemRecord problem{ item.path, item.kind, item.reason, "import", {} };
        CLIP_TRY(m_catalogue.setProblems(item.path, "import", { &problem, 1 }));
        report.skipped.push_back(std::move(item));
        return {};
    }

private:
    Status take(const fs::path& file, Inspection found, Inspector& inspector)
    {
        if (found.kind == Inspection::Kind::Unusable && found.error.kind == ErrorKind::Cancelled)
            return fail(std::move(found.error));
        if (found.kind == Inspection::Kind::Unusable)
            return skip({ file, found.error.kind, reasonOf(found.error) });
        CLIP_TRY_ASSIGN(const auto known, m_catalogue.findByHash(found.contentHash));
        if (known)
            return takeKnown(file, found, *known);
        inspector.contentAdded(found.contentHash);
        return add(file, std::move(found));
    }

    Status add(const fs::path& file, Inspection found)
    {
        CLIP_TRY_ASSIGN(const auto replaced, m_catalogue.findByPath(file));
        store::NewVideo& video = found.video;
        std::vector<CaptionSource> sources = m_library.captionsFor(file);
        if (found.sidecar)
            sources.insert(sources.begin(), std::move(*found.sidecar));
        for (CaptionSource& source : sources) {
            const auto fresh = withoutRepeats(source.origin, source.captions, video.captions);
            video.captions.insert(video.captions.end(), fresh.begin(), fresh.end());
        }
        noteSidecarProblems(found.sidecarProblems);
        video.problems.insert(
            video.problems.end(), found.sidecarProblems.begin(), found.sidecarProblems.end());
        CLIP_TRY_ASSIGN(const std::int64_t id, m_catalogue.addVideo(video));
        if (replaced)
            m_displaced.push_back(*replaced);
        m_handled.insert(id);
        report.captions += static_cast<std::int64_t>(video.captions.size());
        report.imported.push_back(file);
        for (const store::ProblemRecord& problem : video.problems)
            m_context.log.warning(utf8(file) + ": " + problem.reason);
        return {};
    }

    Status takeKnown(const fs::path& file, Inspection& found, const store::VideoRecord& known)
    {
        const bool samePlace = known.path == file;
        const auto stampThere = stampOf(known.path);
        const bool stillThere
            = stampThere == FileStamp{ known.fileBytes, known.modifiedNanoseconds };
        if (!samePlace && stillThere)
            return skip({ file, ErrorKind::Conflict,
                "It has the same content as " + utf8(known.path)
                    + ", which is already in the project." });
        if (!samePlace || known.modifiedNanoseconds != found.modifiedNanoseconds) {
            CLIP_TRY_ASSIGN(const auto replaced, m_catalogue.findByPath(file));
            if (replaced && replaced->id != known.id)
                m_displaced.push_back(*replaced);
            CLIP_TRY(m_catalogue.moveVideo(known.id, file, found.modifiedNanoseconds));
        }
        if (!samePlace)
            report.moved.push_back(file);
        report.known.push_back(file);
        m_handled.insert(known.id);
        std::vector<CaptionSource> sources = m_library.captionsFor(file);
        if (found.sidecar)
            sources.insert(sources.begin(), std::move(*found.sidecar));
        noteSidecarProblems(found.sidecarProblems);
        if (!found.sidecarProblems.empty()) {
            for (store::ProblemRecord& problem : found.sidecarProblems)
                problem.videoId = known.id;
            CLIP_TRY(m_catalogue.setProblems(file, "captions", found.sidecarProblems));
        }
        return updateCaptions(known.id, sources);
    }

    Status updateCaptions(std::int64_t id, const std::vector<CaptionSource>& sources)
    {
        for (const CaptionSource& source : sources) {
            CLIP_TRY_ASSIGN(const auto stored, m_catalogue.captions(id));
            const auto fresh = withoutRepeats(source.origin, source.captions, stored);
            const auto before = std::count_if(stored.begin(), stored.end(),
                [&source](const auto& caption) { return caption.origin == source.origin; });
            const auto unchanged = [&stored](const store::CaptionRecord& caption) {
                return std::find(stored.begin(), stored.end(), caption) != stored.end();
            };
            const auto count = static_cast<std::ptrdiff_t>(fresh.size());
            if (before == count && std::all_of(fresh.begin(), fresh.end(), unchanged))
                continue;
            CLIP_TRY(m_catalogue.setCaptions(id, source.origin, fresh));
            report.captions += std::max<std::ptrdiff_t>(0, count - before);
        }
        return {};
    }

    void noteSidecarProblems(const std::vector<store::ProblemRecord>& problems)
    {
        for (const store::ProblemRecord& problem : problems)
            report.skipped.push_back({ problem.path, problem.kind, problem.reason });
    }

    /// What can only be said when all files were seen.
    Status finishUp()
    {
        for (const store::VideoRecord& old : m_displaced) {
            CLIP_TRY_ASSIGN(const auto now, m_catalogue.video(old.id));
            if (now && now->path == old.path) { // its file holds another video, it is nowhere else
                m_context.log.info(utf8(old.path) + ": replaced by another video");
                CLIP_TRY(m_catalogue.removeVideo(old.id));
            }
        }
        if (!m_library.empty()) {
            CLIP_TRY_ASSIGN(const auto videos, m_catalogue.videos());
            for (const store::VideoRecord& video : videos)
                if (!m_handled.contains(video.id))
                    CLIP_TRY(updateCaptions(video.id, m_library.captionsFor(video.path)));
            CLIP_TRY(noteLibraryProblems());
        }
        // Files that were skipped once and are gone now are nobody's problem any more.
        CLIP_TRY_ASSIGN(const auto problems, m_catalogue.problems());
        for (const store::ProblemRecord& problem : problems) {
            std::error_code code;
            if (!problem.videoId && !fs::exists(problem.path, code))
                CLIP_TRY(m_catalogue.setProblems(problem.path, problem.origin, {}));
        }
        return {};
    }

    Status noteLibraryProblems()
    {
        std::vector<SkippedItem> items = m_library.problems();
        const std::vector<SkippedItem> unused = m_library.unused();
        items.insert(items.end(), unused.begin(), unused.end());
        for (const fs::path& file : m_library.files()) {
            std::vector<store::ProblemRecord> problems;
            for (const SkippedItem& item : items)
                if (item.path == file)
                    problems.push_back({ file, item.kind, item.reason, "captions", {} });
            CLIP_TRY(m_catalogue.setProblems(file, "captions", problems));
        }
        for (SkippedItem& item : items) {
            m_context.log.warning(utf8(item.path) + ": " + item.reason);
            report.skipped.push_back(std::move(item));
        }
        return {};
    }

    store::Catalogue& m_catalogue;
    CaptionLibrary& m_library;
    const JobContext& m_context;
    std::size_t m_done = 0;
    std::unordered_set<std::int64_t> m_handled; ///< videos whose captions are up to date
    std::vector<store::VideoRecord> m_displaced; ///< videos whose file now holds another
};

int threadsFor(const ImportSettings& settings)
{
    constexpr unsigned most = 8;
    if (settings.threads > 0)
        return static_cast<int>(settings.threads);
    return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, most));
}

} // namespace

void describe(SettingsVisitor& visitor, ImportSettings& settings)
{
    visitor.field("import.threads", settings.threads, { 0, 256 }, "threads", SettingLevel::Expert,
        "Threads that look into files; 0 for as many as there are cores, at most 8.");
    visitor.field("import.vocabulary", settings.vocabulary, SettingLevel::Expert,
        "WordPiece vocabulary of --howto100m, one token a line; empty takes the starter's.");
    visitor.field("import.caption-characters", settings.captionCharacters, { 1, 100000 },
        "characters", SettingLevel::Expert,
        "A caption of --howto100m is cut to this length first.");
    visitor.field("import.caption-tokens", settings.captionTokens, { 1, 512 }, "tokens",
        SettingLevel::Expert, "A caption of --howto100m is cut to this many word pieces.");
    visitor.field("import.encoder", settings.encoder, SettingLevel::Expert,
        "Name of the encoder that made the files of --features.");
}

Json toJson(const ImportReport& report)
{
    Json json{ { "imported", report.imported.size() }, { "known", report.known.size() },
        { "skipped", Json::array() }, { "moved", report.moved.size() },
        { "captions", report.captions } };
    for (const SkippedItem& item : report.skipped)
        json["skipped"].push_back(skippedEntry(item.path, item.kind, item.reason));
    return json;
}

Result<ImportReport> runImport(const ImportSettings& settings, const JobContext& context)
{
    CLIP_TRY_ASSIGN(
        store::Project project, store::Project::open(settings.project, store::Access::ReadWrite));
    CaptionLibrary library;
    for (const fs::path& file : settings.captionFiles)
        CLIP_TRY(library.add(file, CaptionLibrary::Scope::Everywhere));

    context.progress.report({ "look for files", 0, 0, "files", 0.0, {} });
    FoundFiles files = findFiles(settings.paths, context.stop);
    if (!settings.paths.empty() && files.skipped.size() == settings.paths.size()
        && std::all_of(files.skipped.begin(), files.skipped.end(),
            [](const SkippedItem& item) { return item.kind == ErrorKind::NotFound; }))
        return fail(ErrorKind::NotFound, files.skipped.front().reason,
            { files.skipped.front().path, {} }, "Check the spelling.");

    Importer importer(project, library, context);
    for (SkippedItem& item : files.skipped)
        CLIP_TRY(importer.skip(std::move(item)));
    for (const fs::path& file : files.captionFiles)
        if (Status added = library.add(file, CaptionLibrary::Scope::OwnFolder); !added)
            CLIP_TRY(importer.skip({ file, added.error().kind, reasonOf(added.error()) }));
    CLIP_TRY(importer.run(files, threadsFor(settings)));
    return std::move(importer.report);
}

} // namespace clipscope::jobs
