#include "store/schema.h"

namespace clipscope::store {

namespace {

/// "Clip": tells our files from other SQLite files.
constexpr std::int64_t applicationId = 0x436c6970;

/// Versions are only ever added; entry i makes version i + 1 from version i.
constexpr const char* migrations[] = {
    R"sql(
CREATE TABLE migration (
    version INTEGER PRIMARY KEY,
    applied_at TEXT NOT NULL
);
CREATE TABLE video (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_hash TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    file_bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    duration_s REAL NOT NULL,
    frame_count INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    average_fps REAL NOT NULL,
    container TEXT NOT NULL,
    codec TEXT NOT NULL,
    has_audio INTEGER NOT NULL,
    streams_json TEXT NOT NULL
);
CREATE INDEX video_by_path ON video(path);
CREATE TABLE frame_index (
    video_id INTEGER PRIMARY KEY REFERENCES video(id) ON DELETE CASCADE,
    data BLOB NOT NULL
);
CREATE TABLE caption (
    id INTEGER PRIMARY KEY,
    video_id INTEGER NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    start_s REAL NOT NULL,
    stop_s REAL NOT NULL,
    text TEXT NOT NULL,
    origin TEXT NOT NULL
);
CREATE INDEX caption_by_video ON caption(video_id, start_s, stop_s);
CREATE TABLE problem (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    origin TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    video_id INTEGER REFERENCES video(id) ON DELETE CASCADE
);
CREATE INDEX problem_by_path ON problem(path);
CREATE INDEX problem_by_video ON problem(video_id);
)sql",
};
static_assert(std::size(migrations) == schemaVersion);

Result<std::int64_t> pragma(const Database& database, std::string_view name)
{
    CLIP_TRY_ASSIGN(Statement statement, database.prepare("PRAGMA " + std::string(name)));
    CLIP_TRY(statement.step());
    return statement.integer(0);
}

} // namespace

Status migrate(Database& database)
{
    CLIP_TRY_ASSIGN(const std::int64_t present, pragma(database, "user_version"));
    if (present == schemaVersion)
        return {};
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(database));
    CLIP_TRY(database.execute("PRAGMA application_id = " + std::to_string(applicationId)));
    for (auto i = static_cast<std::size_t>(present); i < std::size(migrations); ++i) {
        const std::string version = std::to_string(i + 1);
        CLIP_TRY(database.execute(migrations[i]));
        CLIP_TRY(database.execute("INSERT INTO migration VALUES (" + version
            + ", datetime('now'));"
              "PRAGMA user_version = "
            + version));
    }
    return transaction.commit();
}

Status checkSchema(const Database& database, const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::int64_t application, pragma(database, "application_id"));
    CLIP_TRY_ASSIGN(const std::int64_t version, pragma(database, "user_version"));
    if (application != applicationId || version < 1)
        return fail(ErrorKind::BadInput, "This is not the catalogue of a Clipscope project.",
            { file, {} }, "Name a folder made by 'clipscope-cli init'.");
    if (version > schemaVersion)
        return fail(ErrorKind::Unsupported,
            "The project has catalogue version " + std::to_string(version)
                + ", this Clipscope knows versions up to " + std::to_string(schemaVersion) + ".",
            { file, {} }, "Open it with the newer Clipscope that made it.");
    return {};
}

} // namespace clipscope::store
