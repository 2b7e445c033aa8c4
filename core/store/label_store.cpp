#include "store/label_store.h"

#include "base/files.h"
#include "base/system_error.h"
#include "store/database.h"
#include "store/project.h"
#include "store/schema.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace clipscope::store {

namespace {

using labels::Segment;
using labels::Tier;

constexpr std::array<std::string_view, 3> reviewNames{ "open", "started", "done" };

auto damaged(const std::filesystem::path& file, const std::string& what)
{
    return fail(ErrorKind::BadInput, "The labels hold an unknown word: " + what + ".", { file, {} },
        "Restore the file from a copy.");
}

auto changedElsewhere()
{
    return fail(ErrorKind::Conflict, "The labels of this video were changed elsewhere.", {},
        "Read them again; nothing was overwritten.");
}

Status insertDocument(const Database& database, std::string_view videoHash)
{
    CLIP_TRY_ASSIGN(Statement insert,
        database.prepare("INSERT OR IGNORE INTO document (video_hash) VALUES (?)"));
    return insert.bind(videoHash).run();
}

Status insertTier(
    const Database& database, std::string_view videoHash, const Tier& tier, std::int64_t position)
{
    CLIP_TRY_ASSIGN(
        Statement count, database.prepare("SELECT count(*) FROM tier WHERE video_hash = ?"));
    CLIP_TRY(count.bind(videoHash).step());
    const std::int64_t tiers = count.integer(0);
    const std::int64_t place = position < 0 || position > tiers ? tiers : position;
    CLIP_TRY_ASSIGN(Statement shift,
        database.prepare(
            "UPDATE tier SET position = position + 1 WHERE video_hash = ? AND position >= ?"));
    CLIP_TRY(shift.bind(videoHash).bind(place).run());
    CLIP_TRY_ASSIGN(Statement insert,
        database.prepare("INSERT INTO tier (video_hash, id, position, name, source, label_set, "
                         "checkpoint) VALUES (?, ?, ?, ?, ?, ?, ?)"));
    return insert.bind(videoHash)
        .bind(tier.id)
        .bind(place)
        .bind(tier.name)
        .bind(nameOf(tier.source))
        .bind(tier.labelSet)
        .bind(tier.checkpoint)
        .run();
}

/// Errors: Conflict when the statement touched no row.
Status requireRow(const Database& database)
{
    if (database.changedRows() == 1)
        return {};
    return changedElsewhere();
}

Status updateTier(const Database& database, std::string_view videoHash, const Tier& tier)
{
    CLIP_TRY_ASSIGN(Statement update,
        database.prepare("UPDATE tier SET name = ?, source = ?, label_set = ?, checkpoint = ? "
                         "WHERE video_hash = ? AND id = ?"));
    CLIP_TRY(update.bind(tier.name)
                 .bind(nameOf(tier.source))
                 .bind(tier.labelSet)
                 .bind(tier.checkpoint)
                 .bind(videoHash)
                 .bind(tier.id)
                 .run());
    return requireRow(database);
}

Status deleteTier(const Database& database, std::string_view videoHash, const Tier& tier)
{
    CLIP_TRY_ASSIGN(Statement shift,
        database.prepare("UPDATE tier SET position = position - 1 WHERE video_hash = ?1 AND "
                         "position > (SELECT position FROM tier WHERE video_hash = ?1 AND id = "
                         "?2)"));
    CLIP_TRY(shift.bind(videoHash).bind(tier.id).run());
    CLIP_TRY_ASSIGN(
        Statement erase, database.prepare("DELETE FROM tier WHERE video_hash = ? AND id = ?"));
    CLIP_TRY(erase.bind(videoHash).bind(tier.id).run());
    return requireRow(database);
}

Status changeSegments(const Database& database, std::string_view videoHash,
    const std::vector<labels::SegmentChange>& changes)
{
    CLIP_TRY_ASSIGN(Statement erase,
        database.prepare("DELETE FROM segment WHERE video_hash = ? AND id = ? AND tier_id = ?"));
    CLIP_TRY_ASSIGN(Statement insert,
        database.prepare("INSERT INTO segment (video_hash, id, tier_id, start_s, stop_s, label, "
                         "score, source, verdict, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    for (const labels::SegmentChange& change : changes) {
        if (!change.before)
            continue;
        CLIP_TRY(erase.bind(videoHash).bind(change.before->id).bind(change.tierId).run());
        CLIP_TRY(requireRow(database));
    }
    for (const labels::SegmentChange& change : changes) {
        if (!change.after)
            continue;
        const Segment& segment = *change.after;
        insert.bind(videoHash)
            .bind(segment.id)
            .bind(change.tierId)
            .bind(segment.startSeconds)
            .bind(segment.stopSeconds)
            .bind(segment.label);
        segment.score ? insert.bind(*segment.score) : insert.bindNull();
        CLIP_TRY(insert.bind(nameOf(segment.source))
                     .bind(nameOf(segment.verdict))
                     .bind(segment.note)
                     .run());
    }
    return {};
}

/// The same order as labels::apply().
Status write(const Database& database, std::string_view videoHash, const labels::Edit& edit)
{
    for (const labels::TierChange& change : edit.tiers) {
        if (!change.before && change.after)
            CLIP_TRY(insertTier(database, videoHash, *change.after, change.position));
        else if (change.before && change.after)
            CLIP_TRY(updateTier(database, videoHash, *change.after));
    }
    CLIP_TRY(changeSegments(database, videoHash, edit.segments));
    for (const labels::TierChange& change : edit.tiers)
        if (change.before && !change.after)
            CLIP_TRY(deleteTier(database, videoHash, *change.before));
    return {};
}

Status requireRevision(const Database& database, std::string_view videoHash, std::int64_t revision)
{
    CLIP_TRY_ASSIGN(Statement statement,
        database.prepare("SELECT revision FROM document WHERE video_hash = ?"));
    CLIP_TRY_ASSIGN(const bool found, statement.bind(videoHash).step());
    if ((found ? statement.integer(0) : 0) != revision)
        return changedElsewhere();
    return {};
}

Status raiseRevision(const Database& database, std::string_view videoHash, std::int64_t highest)
{
    CLIP_TRY_ASSIGN(Statement update,
        database.prepare("UPDATE document SET revision = revision + 1, "
                         "next_id = max(next_id, ? + 1) WHERE video_hash = ?"));
    return update.bind(highest).bind(videoHash).run();
}

/// An edit of the history with its number.
struct Remembered
{
    std::int64_t number = 0;
    labels::Edit edit;
};

/// The edit that undo (or else redo) turns next.
Result<std::optional<Remembered>> nextInHistory(
    const Database& database, std::string_view videoHash, bool undo)
{
    CLIP_TRY_ASSIGN(Statement statement,
        database.prepare(undo ? "SELECT number, data FROM edit WHERE video_hash = ? AND undone = 0 "
                                "ORDER BY number DESC LIMIT 1"
                              : "SELECT number, data FROM edit WHERE video_hash = ? AND undone = 1 "
                                "ORDER BY number LIMIT 1"));
    CLIP_TRY_ASSIGN(const bool found, statement.bind(videoHash).step());
    if (!found)
        return std::nullopt;
    CLIP_TRY_ASSIGN(labels::Edit edit, labels::parseEdit(statement.text(1)));
    return Remembered{ statement.integer(0), std::move(edit) };
}

Result<ReviewState> reviewOf(const std::filesystem::path& file, const std::string& name)
{
    const auto found = std::ranges::find(reviewNames, name);
    if (found == reviewNames.end())
        return damaged(file, name);
    return static_cast<ReviewState>(found - reviewNames.begin());
}

Result<std::vector<Tier>> tiersOf(
    const Database& database, const std::filesystem::path& file, std::string_view videoHash)
{
    // Whoever may only read finds files of version 1 as they were.
    CLIP_TRY_ASSIGN(const std::int64_t version, versionOf(database));
    CLIP_TRY_ASSIGN(Statement rows,
        database.prepare(std::string("SELECT id, name, source, label_set, ")
            + (version < 2 ? "''" : "checkpoint")
            + " FROM tier WHERE video_hash = ? ORDER BY position"));
    rows.bind(videoHash);
    std::vector<Tier> tiers;
    while (true) {
        CLIP_TRY_ASSIGN(const bool more, rows.step());
        if (!more)
            return tiers;
        const auto source = labels::sourceOf(rows.text(2));
        if (!source)
            return damaged(file, rows.text(2));
        tiers.push_back({ rows.integer(0), rows.text(1), *source, rows.text(3), {}, rows.text(4) });
    }
}

Status readSegments(const Database& database, const std::filesystem::path& file,
    std::string_view videoHash, std::vector<Tier>& tiers)
{
    CLIP_TRY_ASSIGN(Statement rows,
        database.prepare("SELECT tier_id, id, start_s, stop_s, label, score, source, verdict, note "
                         "FROM segment WHERE video_hash = ? ORDER BY start_s, stop_s, id"));
    rows.bind(videoHash);
    while (true) {
        CLIP_TRY_ASSIGN(const bool more, rows.step());
        if (!more)
            return {};
        const auto tier = std::ranges::find(tiers, rows.integer(0), &Tier::id);
        const auto source = labels::sourceOf(rows.text(6));
        const auto verdict = labels::verdictOf(rows.text(7));
        if (tier == tiers.end() || !source || !verdict)
            return damaged(file, rows.text(6) + ", " + rows.text(7));
        tier->segments.push_back({ rows.integer(1), rows.real(2), rows.real(3), rows.text(4),
            rows.isNull(5) ? std::nullopt : std::optional(rows.real(5)), *source, *verdict,
            rows.text(8) });
    }
}

} // namespace

std::string_view nameOf(ReviewState state)
{
    return reviewNames.at(static_cast<std::size_t>(state));
}

LabelStore::LabelStore(std::filesystem::path file, Access access)
    : m_file(std::move(file))
    , m_access(access)
{
}
LabelStore::LabelStore(LabelStore&&) noexcept = default;
LabelStore& LabelStore::operator=(LabelStore&&) noexcept = default;
LabelStore::~LabelStore() = default;

Result<LabelStore> LabelStore::open(const std::filesystem::path& project, Access access)
{
    LabelStore labels(project / "labels.sqlite", access);
    std::error_code code;
    if (!std::filesystem::exists(labels.m_file, code))
        return labels;
    CLIP_TRY_ASSIGN(labels.m_database, Database::open(labels.m_file, Access::ReadOnly, false));
    // Made, but not yet filled, by another process that writes the first edit at this moment, or
    // died there: nothing is in it.
    CLIP_TRY_ASSIGN(const bool empty, isEmpty(*labels.m_database));
    if (empty) {
        labels.m_database.reset();
        return labels;
    }
    CLIP_TRY(checkSchema(*labels.m_database, labelSchema, labels.m_file));
    if (access == Access::ReadWrite)
        CLIP_TRY(labels.writable());
    return labels;
}

Result<Database*> LabelStore::writable()
{
    if (m_access == Access::ReadOnly)
        return fail(ErrorKind::Conflict, "The project is open for reading only.");
    if (!m_database || m_database->access() == Access::ReadOnly) {
        // SQLite would name its shared-memory file as missing.
        if (!isWritable(m_file.parent_path()))
            return fail(systemError("The labels cannot be written", m_file, errno));
        CLIP_TRY_ASSIGN(m_database, Database::open(m_file, Access::ReadWrite, true));
        CLIP_TRY(migrate(*m_database, labelSchema));
    }
    return m_database.get();
}

Result<LabelDocument> LabelStore::read(std::string_view videoHash) const
{
    LabelDocument document;
    if (!m_database)
        return document;
    const Database& database = *m_database;
    CLIP_TRY_ASSIGN(Statement row,
        database.prepare("SELECT revision, next_id, review, seconds_spent FROM document "
                         "WHERE video_hash = ?"));
    CLIP_TRY_ASSIGN(const bool found, row.bind(videoHash).step());
    if (!found)
        return document;
    document.revision = row.integer(0);
    document.nextId = row.integer(1);
    CLIP_TRY_ASSIGN(document.review, reviewOf(m_file, row.text(2)));
    document.secondsSpent = row.real(3);
    CLIP_TRY_ASSIGN(document.annotation.tiers, tiersOf(database, m_file, videoHash));
    CLIP_TRY(readSegments(database, m_file, videoHash, document.annotation.tiers));
    for (const bool undo : { true, false }) {
        CLIP_TRY_ASSIGN(auto next, nextInHistory(database, videoHash, undo));
        if (next)
            (undo ? document.undoes : document.redoes) = std::move(next->edit.what);
    }
    return document;
}

Result<std::vector<LabelSummary>> LabelStore::summaries() const
{
    std::vector<LabelSummary> summaries;
    if (!m_database)
        return summaries;
    CLIP_TRY_ASSIGN(Statement rows,
        m_database->prepare(
            "SELECT d.video_hash, d.review, d.seconds_spent, "
            "coalesce(sum(t.source = 'hand'), 0), coalesce(sum(t.source = 'model'), 0), "
            "coalesce(sum(t.source = 'model' AND s.verdict = 'open'), 0) "
            "FROM document d "
            "LEFT JOIN segment s ON s.video_hash = d.video_hash "
            "LEFT JOIN tier t ON t.video_hash = s.video_hash AND t.id = s.tier_id "
            "GROUP BY d.video_hash ORDER BY d.video_hash"));
    while (true) {
        CLIP_TRY_ASSIGN(const bool more, rows.step());
        if (!more)
            return summaries;
        CLIP_TRY_ASSIGN(const ReviewState review, reviewOf(m_file, rows.text(1)));
        summaries.push_back({ rows.text(0), review, rows.real(2), rows.integer(3), rows.integer(4),
            rows.integer(5) });
    }
}

Result<std::int64_t> LabelStore::apply(
    std::string_view videoHash, std::int64_t revision, const labels::Edit& edit)
{
    CLIP_TRY_ASSIGN(Database * database, writable());
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*database));
    CLIP_TRY(requireRevision(*database, videoHash, revision));
    CLIP_TRY(insertDocument(*database, videoHash));
    CLIP_TRY_ASSIGN(Statement forget,
        database->prepare("DELETE FROM edit WHERE video_hash = ? AND undone = 1"));
    CLIP_TRY(forget.bind(videoHash).run());
    CLIP_TRY_ASSIGN(Statement remember,
        database->prepare("INSERT INTO edit (video_hash, made_at, data) "
                          "VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'), ?)"));
    CLIP_TRY(remember.bind(videoHash).bind(labels::serialise(edit)).run());
    CLIP_TRY(write(*database, videoHash, edit));
    CLIP_TRY(raiseRevision(*database, videoHash, labels::highestId(edit)));
    CLIP_TRY(transaction.commit());
    return revision + 1;
}

Result<std::optional<labels::Edit>> LabelStore::turn(
    std::string_view videoHash, std::int64_t revision, bool undo)
{
    CLIP_TRY_ASSIGN(Database * database, writable());
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*database));
    CLIP_TRY(requireRevision(*database, videoHash, revision));
    CLIP_TRY_ASSIGN(auto next, nextInHistory(*database, videoHash, undo));
    if (!next)
        return std::nullopt;
    const labels::Edit edit = undo ? labels::inverseOf(next->edit) : std::move(next->edit);
    CLIP_TRY(write(*database, videoHash, edit));
    CLIP_TRY_ASSIGN(
        Statement mark, database->prepare("UPDATE edit SET undone = ? WHERE number = ?"));
    CLIP_TRY(mark.bind(std::int64_t{ undo }).bind(next->number).run());
    CLIP_TRY(raiseRevision(*database, videoHash, 0));
    CLIP_TRY(transaction.commit());
    return edit;
}

Result<std::optional<labels::Edit>> LabelStore::undo(
    std::string_view videoHash, std::int64_t revision)
{
    return turn(videoHash, revision, true);
}

Result<std::optional<labels::Edit>> LabelStore::redo(
    std::string_view videoHash, std::int64_t revision)
{
    return turn(videoHash, revision, false);
}

Status LabelStore::setReview(std::string_view videoHash, ReviewState state)
{
    CLIP_TRY_ASSIGN(Database * database, writable());
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*database));
    CLIP_TRY(insertDocument(*database, videoHash));
    CLIP_TRY_ASSIGN(
        Statement update, database->prepare("UPDATE document SET review = ? WHERE video_hash = ?"));
    CLIP_TRY(update.bind(nameOf(state)).bind(videoHash).run());
    return transaction.commit();
}

Status LabelStore::addSecondsSpent(std::string_view videoHash, double seconds)
{
    CLIP_TRY_ASSIGN(Database * database, writable());
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*database));
    CLIP_TRY(insertDocument(*database, videoHash));
    CLIP_TRY_ASSIGN(Statement update,
        database->prepare(
            "UPDATE document SET seconds_spent = seconds_spent + ? WHERE video_hash = ?"));
    CLIP_TRY(update.bind(seconds).bind(videoHash).run());
    return transaction.commit();
}

Status LabelStore::setKept(
    std::string_view videoHash, std::string_view format, std::string_view data)
{
    CLIP_TRY_ASSIGN(Database * database, writable());
    CLIP_TRY_ASSIGN(Transaction transaction, Transaction::begin(*database));
    CLIP_TRY(insertDocument(*database, videoHash));
    CLIP_TRY_ASSIGN(Statement insert,
        database->prepare(
            "INSERT OR REPLACE INTO kept (video_hash, format, data) VALUES (?, ?, ?)"));
    CLIP_TRY(insert.bind(videoHash).bind(format).bind(data).run());
    return transaction.commit();
}

Result<std::string> LabelStore::kept(std::string_view videoHash, std::string_view format) const
{
    if (!m_database)
        return std::string();
    CLIP_TRY_ASSIGN(Statement row,
        m_database->prepare("SELECT data FROM kept WHERE video_hash = ? AND format = ?"));
    CLIP_TRY_ASSIGN(const bool found, row.bind(videoHash).bind(format).step());
    return found ? row.text(0) : std::string();
}

} // namespace clipscope::store
