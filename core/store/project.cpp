#include "store/project.h"

#include "base/files.h"
#include "base/system_error.h"
#include "store/append_file.h"
#include "store/database.h"
#include "store/schema.h"

#include <cerrno>
#include <system_error>

namespace clipscope::store {

namespace {

constexpr const char* catalogueName = "project.sqlite";
constexpr const char* lockName = "project.lock";
constexpr const char* nameAnother
    = "Name a folder that does not exist yet, for example films.clipscope.";

/// Only one writer; `lock` is empty for readers.
Result<std::unique_ptr<FileLock>> lockFor(const std::filesystem::path& folder, Access access)
{
    if (access == Access::ReadOnly)
        return std::unique_ptr<FileLock>();
    auto lock = FileLock::acquire(folder / lockName);
    if (!lock && lock.error().kind == ErrorKind::Conflict)
        lock.error().message = "The project is in use. " + lock.error().message;
    if (!lock)
        return fail(std::move(lock).error());
    return std::make_unique<FileLock>(std::move(*lock));
}

} // namespace

struct Project::Impl
{
    std::filesystem::path folder;
    Access access = Access::ReadOnly;
    std::unique_ptr<FileLock> lock; // outlives the connection: declared before it
    Catalogue catalogue;
};

Project::Project(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
Project::Project(Project&&) noexcept = default;
Project& Project::operator=(Project&&) noexcept = default;
Project::~Project() = default;

Result<Project> Project::create(const std::filesystem::path& folder)
{
    std::error_code code;
    const std::filesystem::path absolute
        = std::filesystem::absolute(folder, code).lexically_normal();
    if (std::filesystem::exists(absolute / catalogueName, code))
        return fail(ErrorKind::Conflict, "There is already a project here.", { folder, {} },
            "Use it as it is, or name another folder.");
    if (std::filesystem::exists(absolute, code) && !std::filesystem::is_directory(absolute, code))
        return fail(ErrorKind::BadInput, "A project is a folder, and this is a file.",
            { folder, {} }, nameAnother);
    if (std::filesystem::is_directory(absolute, code)) {
        for (const auto& entry : std::filesystem::directory_iterator(absolute, code))
            if (const auto name = entry.path().filename().string();
                !name.starts_with(catalogueName) && name != lockName)
                return fail(ErrorKind::BadInput, "The folder already holds something else.",
                    { folder, {} }, nameAnother);
    }
    std::filesystem::create_directories(absolute, code);
    if (code)
        return fail(systemError("The project folder cannot be made", folder, code.value()));
    CLIP_TRY_ASSIGN(auto lock, lockFor(absolute, Access::ReadWrite));
    // Under its own name the catalogue is complete: a crash before the rename leaves no project.
    const std::filesystem::path unfinished = absolute / (std::string(catalogueName) + ".new");
    for (const char* suffix : { "", "-wal", "-shm" })
        std::filesystem::remove(unfinished.string() + suffix, code);
    {
        CLIP_TRY_ASSIGN(auto database, Database::open(unfinished, Access::ReadWrite, true));
        CLIP_TRY(migrate(*database, catalogueSchema));
    }
    std::filesystem::rename(unfinished, absolute / catalogueName, code);
    if (code)
        return fail(systemError("The catalogue cannot be made", folder, code.value()));
    syncFolder(absolute);
    lock.reset();
    return open(folder, Access::ReadWrite);
}

Result<Project> Project::open(const std::filesystem::path& folder, Access access)
{
    std::error_code code;
    const std::filesystem::path absolute
        = std::filesystem::absolute(folder, code).lexically_normal();
    const std::filesystem::path file = absolute / catalogueName;
    if (!std::filesystem::is_directory(absolute, code))
        return fail(ErrorKind::NotFound, "There is no such project folder.", { folder, {} },
            "Make it with 'clipscope-cli init'.");
    if (!std::filesystem::exists(file, code))
        return fail(ErrorKind::NotFound,
            "The folder is not a Clipscope project: it has no " + std::string(catalogueName) + ".",
            { folder, {} }, "Make it with 'clipscope-cli init'.");
    if (access == Access::ReadWrite && !isWritable(absolute))
        return fail(systemError("The project folder cannot be written", folder, errno));
    // A newer project must stay untouched, so it is looked at before anything is opened to write.
    {
        CLIP_TRY_ASSIGN(auto database, Database::open(file, Access::ReadOnly, false));
        CLIP_TRY(checkSchema(*database, catalogueSchema, file));
    }
    CLIP_TRY_ASSIGN(auto lock, lockFor(absolute, access));
    CLIP_TRY_ASSIGN(auto database, Database::open(file, access, false));
    if (access == Access::ReadWrite)
        CLIP_TRY(migrate(*database, catalogueSchema));
    return Project(std::unique_ptr<Impl>(
        new Impl{ absolute, access, std::move(lock), Catalogue(std::move(database)) }));
}

Catalogue& Project::catalogue()
{
    return m_impl->catalogue;
}

const Catalogue& Project::catalogue() const
{
    return m_impl->catalogue;
}

Access Project::access() const
{
    return m_impl->access;
}

const std::filesystem::path& Project::folder() const
{
    return m_impl->folder;
}

std::filesystem::path Project::featuresFolder(std::string_view encoder) const
{
    return m_impl->folder / "features" / pathFromUtf8(encoder);
}

std::filesystem::path Project::statesFolder(std::string_view checkpoint) const
{
    return m_impl->folder / "states" / pathFromUtf8(checkpoint);
}

std::filesystem::path Project::indexFolder(std::string_view checkpoint) const
{
    return m_impl->folder / "indexes" / pathFromUtf8(checkpoint);
}

std::filesystem::path Project::captionsFolder(std::string_view name) const
{
    return m_impl->folder / "captions" / pathFromUtf8(name);
}

std::filesystem::path Project::runsFolder() const
{
    return m_impl->folder / "runs";
}

std::filesystem::path Project::jobsFolder() const
{
    return m_impl->folder / "jobs";
}

std::filesystem::path Project::thumbnailsFolder() const
{
    return m_impl->folder / "thumbnails";
}

} // namespace clipscope::store
