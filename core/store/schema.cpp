#include "store/schema.h"

namespace clipscope::store {

namespace {

// Versions are only ever added.
constexpr const char* catalogueMigrations[] = {
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

constexpr const char* labelMigrations[] = {
    R"sql(
CREATE TABLE migration (
    version INTEGER PRIMARY KEY,
    applied_at TEXT NOT NULL
);
CREATE TABLE document (
    video_hash TEXT PRIMARY KEY,
    revision INTEGER NOT NULL DEFAULT 0,
    next_id INTEGER NOT NULL DEFAULT 1,
    review TEXT NOT NULL DEFAULT 'open',
    seconds_spent REAL NOT NULL DEFAULT 0
);
CREATE TABLE tier (
    video_hash TEXT NOT NULL REFERENCES document(video_hash),
    id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    label_set TEXT NOT NULL,
    PRIMARY KEY (video_hash, id)
);
CREATE TABLE segment (
    video_hash TEXT NOT NULL,
    id INTEGER NOT NULL,
    tier_id INTEGER NOT NULL,
    start_s REAL NOT NULL,
    stop_s REAL NOT NULL,
    label TEXT NOT NULL,
    score REAL,
    source TEXT NOT NULL,
    verdict TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (video_hash, id),
    FOREIGN KEY (video_hash, tier_id) REFERENCES tier(video_hash, id)
);
CREATE INDEX segment_by_tier ON segment(video_hash, tier_id, start_s);
CREATE TABLE edit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    video_hash TEXT NOT NULL REFERENCES document(video_hash),
    made_at TEXT NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0,
    data TEXT NOT NULL
);
CREATE INDEX edit_by_video ON edit(video_hash, number);
CREATE TABLE kept (
    video_hash TEXT NOT NULL REFERENCES document(video_hash),
    format TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (video_hash, format)
);
)sql",
    R"sql(
ALTER TABLE tier ADD COLUMN checkpoint TEXT NOT NULL DEFAULT '';
)sql",
};

Result<std::int64_t> pragma(const Database& database, std::string_view name)
{
    CLIP_TRY_ASSIGN(Statement statement, database.prepare("PRAGMA " + std::string(name)));
    CLIP_TRY(statement.step());
    return statement.integer(0);
}

} // namespace

constinit const Schema catalogueSchema{ 0x436c6970 /* "Clip" */, catalogueMigrations,
    "the catalogue of a Clipscope project", "Name a folder made by 'clipscope-cli init'." };
constinit const Schema labelSchema{ 0x436c4c62 /* "ClLb" */, labelMigrations,
    "the labels of a Clipscope project", "Move the file away: Clipscope makes a new one." };

Status migrate(Database& database, const Schema& schema)
{
    CLIP_TRY_ASSIGN(std::int64_t present, versionOf(database));
    if (present == schema.version())
        return {};
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(database));
    // Once more: another process may have been quicker.
    CLIP_TRY_ASSIGN(present, versionOf(database));
    CLIP_TRY(database.execute("PRAGMA application_id = " + std::to_string(schema.applicationId)));
    for (auto i = static_cast<std::size_t>(present); i < schema.migrations.size(); ++i) {
        const std::string version = std::to_string(i + 1);
        CLIP_TRY(database.execute(schema.migrations[i]));
        CLIP_TRY(
            database.execute("INSERT INTO migration VALUES (" + version + ", datetime('now'))"));
        CLIP_TRY(database.execute("PRAGMA user_version = " + version));
    }
    return transaction.commit();
}

Result<std::int64_t> versionOf(const Database& database)
{
    return pragma(database, "user_version");
}

Result<bool> isEmpty(const Database& database)
{
    CLIP_TRY_ASSIGN(Statement statement, database.prepare("SELECT count(*) FROM sqlite_master"));
    CLIP_TRY(statement.step());
    return statement.integer(0) == 0;
}

Status checkSchema(
    const Database& database, const Schema& schema, const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::int64_t application, pragma(database, "application_id"));
    CLIP_TRY_ASSIGN(const std::int64_t version, versionOf(database));
    if (application != schema.applicationId || version < 1)
        return fail(ErrorKind::BadInput, "This is not " + std::string(schema.what) + ".",
            { file, {} }, std::string(schema.hint));
    if (version > schema.version())
        return fail(ErrorKind::Unsupported,
            "The file has version " + std::to_string(version)
                + ", this Clipscope knows versions up to " + std::to_string(schema.version()) + ".",
            { file, {} }, "Open it with the newer Clipscope that made it.");
    return {};
}

} // namespace clipscope::store
