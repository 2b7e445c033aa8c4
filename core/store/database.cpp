#include "store/database.h"

#include "base/files.h"
#include "base/system_error.h"
#include "store/project.h"

#include <utility>

#include <sqlite3.h>

namespace clipscope::store {

Statement::Statement(const Database& database, sqlite3_stmt* handle)
    : m_database(&database)
    , m_handle(handle)
{
}

Statement::Statement(Statement&& other) noexcept
    : m_database(other.m_database)
    , m_handle(std::exchange(other.m_handle, nullptr))
    , m_next(other.m_next)
    , m_bindError(other.m_bindError)
{
}

Statement::~Statement()
{
    sqlite3_finalize(m_handle);
}

Statement& Statement::bind(std::int64_t value)
{
    m_bindError |= sqlite3_bind_int64(m_handle, m_next++, value);
    return *this;
}

Statement& Statement::bind(double value)
{
    m_bindError |= sqlite3_bind_double(m_handle, m_next++, value);
    return *this;
}

Statement& Statement::bind(std::string_view text)
{
    // A null pointer would bind NULL; an empty view may have one.
    m_bindError |= sqlite3_bind_text64(m_handle, m_next++, text.empty() ? "" : text.data(),
        text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bindBlob(std::string_view bytes)
{
    m_bindError |= sqlite3_bind_blob64(
        m_handle, m_next++, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bindNull()
{
    m_bindError |= sqlite3_bind_null(m_handle, m_next++);
    return *this;
}

Result<bool> Statement::step()
{
    const int code = m_bindError != 0 ? m_bindError : sqlite3_step(m_handle);
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    return fail(m_database->lastError());
}

Status Statement::run()
{
    Result<bool> row = step();
    sqlite3_reset(m_handle);
    m_next = 1;
    if (!row)
        return fail(std::move(row).error());
    return {};
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_handle, column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(m_handle, column);
}

std::string Statement::text(int column) const
{
    const void* data = sqlite3_column_blob(m_handle, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_handle, column));
    return data ? std::string(static_cast<const char*>(data), size) : std::string();
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_handle, column) == SQLITE_NULL;
}

Database::Database(std::filesystem::path path, Access access)
    : m_path(std::move(path))
    , m_access(access)
{
}

Database::~Database()
{
    sqlite3_close_v2(m_handle);
}

Result<std::unique_ptr<Database>> Database::open(
    const std::filesystem::path& path, Access access, bool create)
{
    std::unique_ptr<Database> database(new Database(path, access));
    CLIP_TRY(database->connect(create));
    return database;
}

Status Database::connect(bool create)
{
    const auto openUri = [this](const std::string& suffix, int flags) {
        // '?', '#' and '%' have a meaning in a URI; everything else may stand in a path.
        std::string uri = "file:";
        for (const char c : m_path.string())
            uri += c == '?' ? "%3f" : c == '#' ? "%23" : c == '%' ? "%25" : std::string(1, c);
        sqlite3_close_v2(std::exchange(m_handle, nullptr));
        return sqlite3_open_v2((uri + suffix).c_str(), &m_handle,
            flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    };
    const int flags = m_access == Access::ReadOnly
        ? SQLITE_OPEN_READONLY
        : SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    if (openUri("", flags) != SQLITE_OK)
        return fail(lastError());
    sqlite3_busy_timeout(m_handle, 5000);
    int code
        = sqlite3_exec(m_handle, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
    const int kind = code & 0xff; // a folder of others is READONLY, a medium CANTOPEN
    if (m_access == Access::ReadOnly && (kind == SQLITE_CANTOPEN || kind == SQLITE_READONLY)) {
        // WAL needs a shared-memory file beside it. Where it cannot be made there is no writer
        // either, or its own would be there, so the file may be read as it is.
        if (openUri("?immutable=1", flags) != SQLITE_OK)
            return fail(lastError());
        code = sqlite3_exec(
            m_handle, "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr);
    }
    if (code != SQLITE_OK)
        return fail(lastError());
    CLIP_TRY(execute("PRAGMA foreign_keys = ON"));
    if (m_access == Access::ReadWrite)
        CLIP_TRY(execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
    return {};
}

Status Database::execute(const std::string& sql)
{
    if (sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return fail(lastError());
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) const
{
    sqlite3_stmt* handle = nullptr;
    if (sqlite3_prepare_v2(m_handle, sql.data(), static_cast<int>(sql.size()), &handle, nullptr)
        != SQLITE_OK)
        return fail(lastError());
    return Statement(*this, handle);
}

std::int64_t Database::lastInsertedId() const
{
    return sqlite3_last_insert_rowid(m_handle);
}

std::int64_t Database::changedRows() const
{
    return sqlite3_changes(m_handle);
}

Error Database::lastError() const
{
    const std::string quoted = m_handle ? sqlite3_errmsg(m_handle) : "out of memory";
    const Place place{ m_path, {} };
    const int code = m_handle ? sqlite3_errcode(m_handle) & 0xff : SQLITE_NOMEM;
    const int system = m_handle ? sqlite3_system_errno(m_handle) : 0;
    switch (code) {
    case SQLITE_NOMEM:
        return { ErrorKind::OutOfMemory, "There is not enough memory for the project's database.",
            place, {}, {} };
    case SQLITE_FULL:
        return systemError("The project's database cannot be written", m_path, ENOSPC);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (system != 0)
            return systemError(
                "The project's database cannot be opened or written", m_path, system);
        return { ErrorKind::Io,
            "The project's database cannot be opened or written: " + quoted + ".", place, {}, {} };
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return { ErrorKind::BadInput, "The file is damaged or not a database: " + quoted + ".",
            place, {}, "Restore it from a copy, or begin with a new project." };
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return { ErrorKind::Conflict, "Another process is writing the project's database.", place,
            {}, "Wait until it is done or stop it." };
    case SQLITE_READONLY:
        return { ErrorKind::Conflict, "The project's database is open for reading only.", place, {},
            {} };
    case SQLITE_CONSTRAINT:
        return { ErrorKind::Conflict, "The project's database refuses the entry: " + quoted + ".",
            place, {}, {} };
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return { ErrorKind::Io, "The project's database may not be opened: " + quoted + ".", place,
            {}, {} };
    default:
        return { ErrorKind::Internal, "The project's database cannot be used: " + quoted + ".",
            place, {}, {} };
    }
}

Result<Transaction> Transaction::begin(Database& database)
{
    if (database.access() == Access::ReadOnly)
        return fail(ErrorKind::Conflict, "The project is open for reading only.");
    CLIP_TRY(database.execute("BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : m_database(std::exchange(other.m_database, nullptr))
{
}

Transaction::~Transaction()
{
    if (m_database)
        (void)m_database->execute("ROLLBACK");
}

Status Transaction::commit()
{
    CLIP_TRY(m_database->execute("COMMIT"));
    m_database = nullptr;
    return {};
}

} // namespace clipscope::store
