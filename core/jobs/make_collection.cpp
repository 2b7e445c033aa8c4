#include "jobs/make_collection.h"

#include "base/files.h"
#include "base/guarded.h"
#include "jobs/synthetic_films.h"
#include "media/film_writer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace clipscope::jobs {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Status writeFilm(const FilmPlan& film, const fs::path& folder, const std::stop_token& stop)
{
    CLIP_TRY_ASSIGN(auto writer,
        media::FilmWriter::create(folder / pathFromUtf8(film.file),
            { CollectionPlan::sidePixels, CollectionPlan::sidePixels,
                CollectionPlan::framesPerSecond }));
    std::vector<std::uint8_t> rgb(
        std::size_t{ 3 } * CollectionPlan::sidePixels * CollectionPlan::sidePixels);
    for (std::int64_t frame = 0; frame < film.frames; ++frame) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Making the collection was stopped.");
        drawFrame(film, frame, rgb);
        CLIP_TRY(writer.add(rgb));
    }
    return writer.finish();
}

/// Draws and writes films on several threads, each film on one.
class FilmCrew final
{
public:
    FilmCrew(std::vector<const FilmPlan*> films, fs::path folder, JobContext context)
        : m_films(std::move(films))
        , m_folder(std::move(folder))
        , m_context(context)
    {
    }

    Status run(std::size_t threads)
    {
        {
            std::vector<std::jthread> crew;
            for (std::size_t i = 0; i < std::clamp<std::size_t>(threads, 1, m_films.size()); ++i)
                crew.emplace_back([this] { work(); });
        }
        return m_error ? Status(fail(std::move(*m_error))) : Status();
    }

private:
    void work()
    {
        for (std::size_t next = 0; !m_failed && (next = m_next++) < m_films.size();) {
            const FilmPlan& film = *m_films[next];
            auto written = guarded([&] { return writeFilm(film, m_folder, m_context.stop); });
            const std::lock_guard lock(m_mutex);
            if (!written && !m_error)
                m_error = std::move(written.error());
            m_failed = m_error.has_value();
            ++m_done;
            m_context.progress.report({ "films", m_done, static_cast<std::int64_t>(m_films.size()),
                "films", static_cast<double>(m_done) / secondsSince(m_start), film.file });
        }
    }

    const std::vector<const FilmPlan*> m_films;
    const fs::path m_folder;
    JobContext m_context;
    const Clock::time_point m_start = Clock::now();
    std::atomic<std::size_t> m_next = 0;
    std::atomic<bool> m_failed = false;
    std::mutex m_mutex;
    std::int64_t m_done = 0; ///< guarded by m_mutex
    std::optional<Error> m_error; ///< guarded by m_mutex; the first one
};

Status writeTexts(
    const CollectionPlan& plan, const fs::path& folder, const std::vector<const FilmPlan*>& films)
{
    Json captions = Json::object();
    for (const FilmPlan* film : films) {
        Json list = Json::array();
        for (const text::Caption& caption : film->captions)
            list.push_back({ { "start", caption.startSeconds }, { "end", caption.stopSeconds },
                { "text", caption.text } });
        captions[film->file] = std::move(list);
    }
    std::string heldOut;
    for (const FilmPlan& film : plan.heldOut)
        heldOut += film.file + "\n";
    CLIP_TRY(writeFileAtomically(folder / "captions.json", dump(captions, 1) + "\n"));
    CLIP_TRY(writeFileAtomically(folder / "held-out.txt", heldOut));
    return writeFileAtomically(folder / "vocab.txt", collectionVocabulary());
}

/// A folder under another name until all in it is there.
class PartFolder final
{
public:
    explicit PartFolder(fs::path folder)
        : m_folder(std::move(folder))
        , m_part(m_folder)
    {
        m_part += ".part";
    }
    PartFolder(const PartFolder&) = delete;
    PartFolder& operator=(const PartFolder&) = delete;
    ~PartFolder()
    {
        std::error_code code;
        if (m_isMade)
            fs::remove_all(m_part, code);
    }
    const fs::path& path() const { return m_part; }

    Status make()
    {
        std::error_code code;
        fs::remove_all(m_part, code); // of a process that was killed
        m_isMade = true;
        return makeFolder("The folder of the collection", m_part / "held-out");
    }
    Status commit()
    {
        std::error_code code;
        fs::rename(m_part, m_folder, code); // an empty folder gives way
        if (code)
            return fail(ErrorKind::Io,
                "The collection could not be given its name: " + code.message() + ".",
                { m_folder, {} });
        m_isMade = false;
        return {};
    }

private:
    fs::path m_folder, m_part;
    bool m_isMade = false;
};

Result<fs::path> newFolder(const fs::path& given)
{
    std::error_code code;
    fs::path folder = fs::absolute(given, code).lexically_normal();
    if (!folder.has_filename()) // "folder/"
        folder = folder.parent_path();
    if (fs::is_directory(folder, code) && !fs::is_empty(folder, code))
        return fail(ErrorKind::Conflict, "The folder already holds something.", { given, {} },
            "Name a folder that does not exist yet.");
    if (fs::exists(folder, code) && !fs::is_directory(folder, code))
        return fail(ErrorKind::BadInput, "This is a file, not a folder.", { given, {} },
            "Name a folder that does not exist yet.");
    return folder;
}

} // namespace

void describe(SettingsVisitor& v, MakeCollectionSettings& s)
{
    using enum SettingLevel;
    v.field("make-collection.videos", s.videos, { 1, 1e6 }, "films", Basic,
        "Films to train on; 77 held-out films come on top.");
    v.field("make-collection.seed", s.seed, { 0, 9e15 }, "", Basic,
        "Begin of all random numbers; equal seeds give equal collections.");
    v.field("make-collection.scenes", s.scenes, { 1, 1000 }, "scenes", Expert,
        "Scenes of each film, 5 to 8 seconds each.");
    v.field("make-collection.max-shift", s.maxShift, { 0, 60 }, "s", Expert,
        "Longest time by which a caption comes too early or too late.");
    v.field("make-collection.threads", s.threads, { 0, 64 }, "threads", Expert,
        "Films written at the same time; 0 takes as many as there are cores, at most 8.");
}

Json toJson(const MakeCollectionReport& report)
{
    return { { "folder", utf8(report.folder) }, { "training_films", report.trainingFilms },
        { "held_out_films", report.heldOutFilms }, { "captions", report.captions },
        { "training_seconds", report.trainingSeconds },
        { "elapsed_seconds", report.elapsedSeconds } };
}

Result<MakeCollectionReport> runMakeCollection(
    const MakeCollectionSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<MakeCollectionReport> {
        const auto start = Clock::now();
        MakeCollectionReport report;
        CLIP_TRY_ASSIGN(report.folder, newFolder(settings.folder));
        const CollectionPlan plan = planCollection({ settings.videos, settings.scenes,
            settings.maxShift, static_cast<std::uint64_t>(settings.seed) });
        std::vector<const FilmPlan*> films;
        for (const auto* part : { &plan.training, &plan.heldOut })
            for (const FilmPlan& film : *part) {
                films.push_back(&film);
                report.captions += static_cast<std::int64_t>(film.captions.size());
            }
        for (const FilmPlan& film : plan.training)
            report.trainingSeconds
                += static_cast<double>(film.frames) / CollectionPlan::framesPerSecond;
        report.trainingFilms = static_cast<std::int64_t>(plan.training.size());
        report.heldOutFilms = static_cast<std::int64_t>(plan.heldOut.size());

        PartFolder part(report.folder);
        CLIP_TRY(part.make());
        const std::size_t threads = settings.threads > 0
            ? static_cast<std::size_t>(settings.threads)
            : std::min<std::size_t>(8, std::thread::hardware_concurrency());
        CLIP_TRY(FilmCrew(films, part.path(), context).run(threads));
        CLIP_TRY(writeTexts(plan, part.path(), films));
        CLIP_TRY(part.commit());
        report.elapsedSeconds = secondsSince(start);
        return report;
    });
}

} // namespace clipscope::jobs
