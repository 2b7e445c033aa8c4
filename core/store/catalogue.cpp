#include "store/catalogue.h"

#include "base/files.h"
#include "store/database.h"

#include <array>

namespace clipscope::store {

namespace {

constexpr std::string_view videoColumns
    = "id, content_hash, path, file_bytes, modified_ns, duration_s, frame_count, width, height, "
      "average_fps, container, codec, has_audio, streams_json";

VideoRecord videoOf(const Statement& row)
{
    VideoRecord video;
    video.id = row.integer(0);
    video.contentHash = row.text(1);
    video.path = pathFromUtf8(row.text(2));
    video.fileBytes = row.integer(3);
    video.modifiedNanoseconds = row.integer(4);
    video.durationSeconds = row.real(5);
    video.frameCount = row.integer(6);
    video.widthPixels = static_cast<int>(row.integer(7));
    video.heightPixels = static_cast<int>(row.integer(8));
    video.averageFps = row.real(9);
    video.container = row.text(10);
    video.codec = row.text(11);
    video.hasAudio = row.integer(12) != 0;
    video.streamsJson = row.text(13);
    return video;
}

ErrorKind kindOf(std::string_view name)
{
    for (const ErrorKind kind :
        { ErrorKind::BadInput, ErrorKind::NotFound, ErrorKind::Io, ErrorKind::Unsupported,
            ErrorKind::Conflict, ErrorKind::OutOfMemory, ErrorKind::Cancelled })
        if (errorKindName(kind) == name)
            return kind;
    return ErrorKind::Internal;
}

template<typename Value>
Result<std::optional<VideoRecord>> findVideo(
    const Database& database, std::string_view column, const Value& value)
{
    CLIP_TRY_ASSIGN(Statement statement,
        database.prepare("SELECT " + std::string(videoColumns) + " FROM video WHERE "
            + std::string(column) + " = ? ORDER BY id DESC LIMIT 1"));
    CLIP_TRY_ASSIGN(const bool found, statement.bind(value).step());
    return found ? std::optional(videoOf(statement)) : std::nullopt;
}

Status insertCaptions(Database& database, std::int64_t videoId, std::string_view origin,
    std::span<const CaptionRecord> captions)
{
    CLIP_TRY_ASSIGN(Statement insert,
        database.prepare("INSERT INTO caption (video_id, start_s, stop_s, text, origin) "
                         "VALUES (?, ?, ?, ?, ?)"));
    for (const CaptionRecord& caption : captions)
        CLIP_TRY(insert.bind(videoId)
                     .bind(caption.startSeconds)
                     .bind(caption.stopSeconds)
                     .bind(caption.text)
                     .bind(origin.empty() ? std::string_view(caption.origin) : origin)
                     .run());
    return {};
}

Status insertProblem(Database& database, const std::filesystem::path& path, std::string_view origin,
    const ProblemRecord& problem, std::optional<std::int64_t> videoId)
{
    CLIP_TRY_ASSIGN(Statement insert,
        database.prepare("INSERT INTO problem (path, origin, kind, reason, video_id) "
                         "VALUES (?, ?, ?, ?, ?)"));
    insert.bind(utf8(path)).bind(origin).bind(errorKindName(problem.kind)).bind(problem.reason);
    videoId ? insert.bind(*videoId) : insert.bindNull();
    return insert.run();
}

Status requireVideo(const Database& database, std::int64_t id)
{
    if (database.changedRows() > 0)
        return {};
    return fail(
        ErrorKind::NotFound, "There is no video " + std::to_string(id) + " in the project.");
}

} // namespace

Catalogue::Catalogue(std::unique_ptr<Database> database)
    : m_database(std::move(database))
{
}
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;
Catalogue::~Catalogue() = default;

Result<std::vector<VideoRecord>> Catalogue::videos() const
{
    CLIP_TRY_ASSIGN(Statement statement,
        m_database->prepare("SELECT " + std::string(videoColumns) + " FROM video ORDER BY id"));
    std::vector<VideoRecord> videos;
    while (true) {
        CLIP_TRY_ASSIGN(const bool more, statement.step());
        if (!more)
            return videos;
        videos.push_back(videoOf(statement));
    }
}

Result<std::int64_t> Catalogue::videoCount() const
{
    CLIP_TRY_ASSIGN(Statement statement, m_database->prepare("SELECT count(*) FROM video"));
    CLIP_TRY(statement.step());
    return statement.integer(0);
}

Result<std::optional<VideoRecord>> Catalogue::video(std::int64_t id) const
{
    return findVideo(*m_database, "id", id);
}

Result<std::optional<VideoRecord>> Catalogue::findByHash(std::string_view contentHash) const
{
    return findVideo(*m_database, "content_hash", contentHash);
}

Result<std::optional<VideoRecord>> Catalogue::findByPath(const std::filesystem::path& path) const
{
    return findVideo(*m_database, "path", std::string_view(utf8(path)));
}

Result<std::string> Catalogue::frameIndex(std::int64_t videoId) const
{
    CLIP_TRY_ASSIGN(Statement statement,
        m_database->prepare("SELECT data FROM frame_index WHERE video_id = ?"));
    CLIP_TRY_ASSIGN(const bool found, statement.bind(videoId).step());
    if (!found)
        return fail(ErrorKind::NotFound,
            "There is no video " + std::to_string(videoId) + " in the project.");
    return statement.text(0);
}

Result<std::int64_t> Catalogue::addVideo(const NewVideo& video)
{
    const VideoRecord& record = video.record;
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*m_database));
    CLIP_TRY_ASSIGN(Statement insert,
        m_database->prepare("INSERT INTO video (content_hash, path, file_bytes, modified_ns, "
                            "duration_s, frame_count, width, height, average_fps, container, "
                            "codec, has_audio, streams_json) "
                            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    CLIP_TRY(insert.bind(record.contentHash)
                 .bind(utf8(record.path))
                 .bind(record.fileBytes)
                 .bind(record.modifiedNanoseconds)
                 .bind(record.durationSeconds)
                 .bind(record.frameCount)
                 .bind(std::int64_t(record.widthPixels))
                 .bind(std::int64_t(record.heightPixels))
                 .bind(record.averageFps)
                 .bind(record.container)
                 .bind(record.codec)
                 .bind(std::int64_t(record.hasAudio))
                 .bind(record.streamsJson)
                 .run());
    const std::int64_t id = m_database->lastInsertedId();
    CLIP_TRY_ASSIGN(Statement index,
        m_database->prepare("INSERT INTO frame_index (video_id, data) VALUES (?, ?)"));
    CLIP_TRY(index.bind(id).bindBlob(video.frameIndex).run());
    CLIP_TRY(insertCaptions(*m_database, id, {}, video.captions));
    CLIP_TRY_ASSIGN(Statement outdated, m_database->prepare("DELETE FROM problem WHERE path = ?"));
    CLIP_TRY(outdated.bind(utf8(record.path)).run());
    for (const ProblemRecord& problem : video.problems)
        CLIP_TRY(insertProblem(*m_database, record.path, problem.origin, problem, id));
    CLIP_TRY(transaction.commit());
    return id;
}

Status Catalogue::moveVideo(
    std::int64_t id, const std::filesystem::path& path, std::int64_t modifiedNanoseconds)
{
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*m_database));
    CLIP_TRY_ASSIGN(Statement update,
        m_database->prepare("UPDATE video SET path = ?, modified_ns = ? WHERE id = ?"));
    CLIP_TRY(update.bind(utf8(path)).bind(modifiedNanoseconds).bind(id).run());
    CLIP_TRY(requireVideo(*m_database, id));
    CLIP_TRY_ASSIGN(
        Statement problems, m_database->prepare("UPDATE problem SET path = ? WHERE video_id = ?"));
    CLIP_TRY(problems.bind(utf8(path)).bind(id).run());
    return transaction.commit();
}

Status Catalogue::removeVideo(std::int64_t id)
{
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*m_database));
    CLIP_TRY_ASSIGN(Statement remove, m_database->prepare("DELETE FROM video WHERE id = ?"));
    CLIP_TRY(remove.bind(id).run());
    CLIP_TRY(requireVideo(*m_database, id));
    return transaction.commit();
}

Result<std::vector<CaptionRecord>> Catalogue::captions(std::int64_t videoId) const
{
    CLIP_TRY_ASSIGN(Statement statement,
        m_database->prepare("SELECT start_s, stop_s, text, origin FROM caption "
                            "WHERE video_id = ? ORDER BY start_s, stop_s, id"));
    statement.bind(videoId);
    std::vector<CaptionRecord> captions;
    while (true) {
        CLIP_TRY_ASSIGN(const bool more, statement.step());
        if (!more)
            return captions;
        captions.push_back(
            { statement.real(0), statement.real(1), statement.text(2), statement.text(3) });
    }
}

Result<std::map<std::int64_t, std::int64_t>> Catalogue::captionCounts() const
{
    CLIP_TRY_ASSIGN(Statement statement,
        m_database->prepare("SELECT video_id, count(*) FROM caption GROUP BY video_id"));
    std::map<std::int64_t, std::int64_t> counts;
    while (true) {
        CLIP_TRY_ASSIGN(const bool more, statement.step());
        if (!more)
            return counts;
        counts[statement.integer(0)] = statement.integer(1);
    }
}

Status Catalogue::setCaptions(
    std::int64_t videoId, std::string_view origin, std::span<const CaptionRecord> captions)
{
    CLIP_TRY_ASSIGN(const auto known, video(videoId));
    if (!known)
        return fail(ErrorKind::NotFound,
            "There is no video " + std::to_string(videoId) + " in the project.");
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*m_database));
    CLIP_TRY_ASSIGN(Statement remove,
        m_database->prepare("DELETE FROM caption WHERE video_id = ? AND origin = ?"));
    CLIP_TRY(remove.bind(videoId).bind(origin).run());
    CLIP_TRY(insertCaptions(*m_database, videoId, origin, captions));
    return transaction.commit();
}

Result<std::vector<ProblemRecord>> Catalogue::problems() const
{
    CLIP_TRY_ASSIGN(Statement statement,
        m_database->prepare(
            "SELECT path, origin, kind, reason, video_id FROM problem ORDER BY path, id"));
    std::vector<ProblemRecord> problems;
    while (true) {
        CLIP_TRY_ASSIGN(const bool more, statement.step());
        if (!more)
            return problems;
        ProblemRecord problem;
        problem.path = pathFromUtf8(statement.text(0));
        problem.origin = statement.text(1);
        problem.kind = kindOf(statement.text(2));
        problem.reason = statement.text(3);
        if (!statement.isNull(4))
            problem.videoId = statement.integer(4);
        problems.push_back(std::move(problem));
    }
}

Status Catalogue::setProblems(const std::filesystem::path& path, std::string_view origin,
    std::span<const ProblemRecord> problems)
{
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*m_database));
    CLIP_TRY_ASSIGN(
        Statement remove, m_database->prepare("DELETE FROM problem WHERE path = ? AND origin = ?"));
    CLIP_TRY(remove.bind(utf8(path)).bind(origin).run());
    for (const ProblemRecord& problem : problems)
        CLIP_TRY(insertProblem(*m_database, path, origin, problem, problem.videoId));
    return transaction.commit();
}

} // namespace clipscope::store
