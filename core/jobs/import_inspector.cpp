#include "jobs/import_inspector.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "media/subtitles.h"
#include "media/video_index.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

namespace clipscope::jobs {

namespace {

/// Results that may wait for the writer; bounds memory when one file takes long.
constexpr std::size_t maxWaiting = 64;

store::ProblemRecord problemOf(const std::filesystem::path& file, const Error& error)
{
    return { file, error.kind, reasonOf(error), "import", std::nullopt };
}

/// The English track, else one of no stated language, else the first.
const media::SubtitleTrack* bestTrack(const std::vector<media::SubtitleTrack>& tracks)
{
    const media::SubtitleTrack* best = nullptr;
    int bestRank = 3;
    for (const media::SubtitleTrack& track : tracks) {
        const std::string& language = track.info.language;
        const int rank = track.cues.empty()         ? 3
            : language.starts_with("en")            ? 0
            : language.empty() || language == "und" ? 1
                                                    : 2;
        if (rank < bestRank) {
            best = &track;
            bestRank = rank;
        }
    }
    return best;
}

void addEmbeddedCaptions(
    store::NewVideo& video, const media::InspectedVideo& inspected, const std::stop_token& stop)
{
    const bool hasText = std::any_of(inspected.info.subtitles.begin(),
        inspected.info.subtitles.end(), [](const auto& stream) { return stream.isText; });
    if (!hasText)
        return;
    const auto tracks
        = media::readSubtitleTracks(video.record.path, inspected.index.originSeconds(), stop);
    if (!tracks) {
        video.problems.push_back(problemOf(video.record.path, tracks.error()));
        return;
    }
    const media::SubtitleTrack* track = bestTrack(*tracks);
    if (!track)
        return;
    const std::string origin = "stream:" + std::to_string(track->info.streamIndex);
    for (const media::SubtitleCue& cue : track->cues) {
        std::string line = cue.text;
        std::replace(line.begin(), line.end(), '\n', ' ');
        // A line from before the first shown frame is heard from there on.
        if (cue.stopSeconds > 0.0)
            video.captions.push_back(
                { std::max(0.0, cue.startSeconds), cue.stopSeconds, std::move(line), origin });
    }
}

std::string streamsJson(const media::VideoInfo& info)
{
    Json subtitles = Json::array();
    for (const media::SubtitleInfo& stream : info.subtitles)
        subtitles.push_back({ { "stream", stream.streamIndex }, { "codec", stream.codec },
            { "language", stream.language }, { "title", stream.title },
            { "text", stream.isText } });
    Json json{ { "pixel_format", info.pixelFormat }, { "stored_width", info.storedWidthPixels },
        { "stored_height", info.storedHeightPixels }, { "rotation", info.rotationDegrees },
        { "variable_frame_rate", info.variableFrameRate }, { "interlaced", info.interlaced },
        { "video_streams", info.videoStreams }, { "audio_streams", info.audioStreams },
        { "subtitles", std::move(subtitles) } };
    if (info.audio)
        json["audio"] = { { "codec", info.audio->codec }, { "rate", info.audio->sampleRateHz },
            { "channels", info.audio->channels } };
    return dump(json);
}

Result<store::NewVideo> newVideo(
    const std::filesystem::path& file, const FileStamp& stamp, const std::stop_token& stop)
{
    CLIP_TRY_ASSIGN(const media::InspectedVideo inspected, media::inspect(file, stop));
    const media::VideoInfo& info = inspected.info;
    store::NewVideo video;
    store::VideoRecord& record = video.record;
    record.path = file;
    record.fileBytes = stamp.bytes;
    record.modifiedNanoseconds = stamp.modifiedNanoseconds;
    record.durationSeconds = inspected.index.durationSeconds();
    record.frameCount = inspected.index.frameCount();
    record.widthPixels = info.widthPixels;
    record.heightPixels = info.heightPixels;
    record.averageFps = inspected.index.averageFps();
    record.container = info.container;
    record.codec = info.videoCodec;
    record.hasAudio = info.audio.has_value();
    record.streamsJson = streamsJson(info);
    video.frameIndex = inspected.index.serialise();
    for (const Error& warning : inspected.warnings)
        video.problems.push_back(problemOf(file, warning));
    addEmbeddedCaptions(video, inspected, stop);
    return video;
}

} // namespace

std::optional<FileStamp> stampOf(const std::filesystem::path& file)
{
    std::error_code sizeCode, timeCode;
    const auto bytes = std::filesystem::file_size(file, sizeCode);
    const auto time = std::filesystem::last_write_time(file, timeCode);
    if (sizeCode || timeCode)
        return std::nullopt;
    return FileStamp{ static_cast<std::int64_t>(bytes),
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count() };
}

struct Inspector::Impl
{
    struct KnownFile
    {
        FileStamp stamp;
        std::string contentHash;
    };
    // Fixed after construction.
    const FoundFiles& files;
    std::unordered_map<std::string, KnownFile> knownPaths;
    std::stop_token stop;

    std::mutex mutex;
    std::condition_variable_any ready, room;
    // Guarded by mutex.
    std::unordered_set<std::string> knownContents;
    std::map<std::size_t, Inspection> done;
    std::size_t nextFile = 0;
    std::size_t nextResult = 0;

    std::vector<std::jthread> workers; // last: joined before the rest goes

    Inspection look(const std::filesystem::path& file, const std::stop_token& stopLooking)
    {
        Inspection result;
        const auto unusable = [&result](Error error) {
            result.kind = Inspection::Kind::Unusable;
            result.error = std::move(error);
            return result;
        };
        const auto stamp = stampOf(file);
        if (!stamp)
            return unusable({ ErrorKind::NotFound, "The file is gone.", { file, {} }, {}, {} });
        result.modifiedNanoseconds = stamp->modifiedNanoseconds;
        if (const auto subtitle = files.subtitleOf(file)) {
            auto sidecar = readSidecar(*subtitle, result.sidecarProblems);
            if (sidecar)
                result.sidecar = std::move(*sidecar);
            else
                result.sidecarProblems.push_back({ *subtitle, sidecar.error().kind,
                    utf8(subtitle->filename()) + ": " + reasonOf(sidecar.error()), "captions",
                    std::nullopt });
        }
        if (const auto known = knownPaths.find(utf8(file));
            known != knownPaths.end() && known->second.stamp == *stamp) {
            result.kind = Inspection::Kind::Unchanged;
            result.contentHash = known->second.contentHash;
            return result;
        }
        if (stamp->bytes == 0)
            return unusable({ ErrorKind::BadInput, "The file is empty.", { file, {} }, {}, {} });
        auto hash = hashOfFile(file, stopLooking);
        if (!hash)
            return unusable(std::move(hash).error());
        result.contentHash = *hash;
        {
            const std::lock_guard guard(mutex);
            if (knownContents.contains(*hash)) {
                result.kind = Inspection::Kind::KnownContent;
                return result;
            }
        }
        auto video = newVideo(file, *stamp, stopLooking);
        if (!video)
            return unusable(std::move(video).error());
        result.kind = Inspection::Kind::Video;
        result.video = std::move(*video);
        result.video.record.contentHash = result.contentHash;
        return result;
    }

    void work(const std::stop_token& stopWorking)
    {
        std::unique_lock guard(mutex);
        while (nextFile < files.candidates.size() && !stopWorking.stop_requested()) {
            const std::size_t mine = nextFile++;
            if (!room.wait(guard, stopWorking, [&] { return mine < nextResult + maxWaiting; }))
                return;
            guard.unlock();
            const std::filesystem::path& file = files.candidates[mine];
            auto looked = guarded([&] { return look(file, stopWorking); });
            Inspection result;
            if (looked)
                result = std::move(*looked);
            else
                result.error = std::move(looked).error();
            guard.lock();
            done.emplace(mine, std::move(result));
            ready.notify_all();
        }
    }
};

Inspector::Inspector(const FoundFiles& files, const std::vector<store::VideoRecord>& known,
    int threads, std::stop_token stop)
    : m_impl(new Impl{ files, {}, std::move(stop), {}, {}, {}, {}, {}, 0, 0, {} })
{
    for (const store::VideoRecord& video : known) {
        m_impl->knownPaths.insert_or_assign(utf8(video.path),
            Impl::KnownFile{ { video.fileBytes, video.modifiedNanoseconds }, video.contentHash });
        m_impl->knownContents.insert(video.contentHash);
    }
    const std::size_t count = std::min(
        static_cast<std::size_t>(threads), std::max<std::size_t>(1, files.candidates.size()));
    for (std::size_t i = 0; i < count; ++i)
        m_impl->workers.emplace_back(
            [impl = m_impl.get()](std::stop_token own) { impl->work(own); });
}

Inspector::~Inspector()
{
    for (std::jthread& worker : m_impl->workers)
        worker.request_stop();
    m_impl->workers.clear();
}

Result<Inspection> Inspector::next()
{
    // A file that takes long must not keep a cancelled import: the workers are told to stop too.
    std::stop_callback passOn(m_impl->stop, [this] {
        for (std::jthread& worker : m_impl->workers)
            worker.request_stop();
    });
    std::unique_lock guard(m_impl->mutex);
    const bool isReady = m_impl->ready.wait(
        guard, m_impl->stop, [this] { return m_impl->done.contains(m_impl->nextResult); });
    if (!isReady || m_impl->stop.stop_requested())
        return fail(ErrorKind::Cancelled, "The import was stopped; what is in the project stays.");
    auto found = m_impl->done.extract(m_impl->nextResult++);
    m_impl->room.notify_all();
    return std::move(found.mapped());
}

void Inspector::contentAdded(const std::string& contentHash)
{
    const std::lock_guard guard(m_impl->mutex);
    m_impl->knownContents.insert(contentHash);
}

} // namespace clipscope::jobs
