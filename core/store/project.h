#pragma once

#include "base/result.h"
#include "store/catalogue.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace clipscope::store {

/// ReadWrite is for jobs that change the catalogue (import) and only while they do; everything
/// else, also extraction and training, opens ReadOnly and sees what the writer has committed.
enum class Access { ReadOnly, ReadWrite };

/// A project folder: the catalogue and where everything derived from it lives.
///
/// Threads: one thread at a time; any number of Projects may be open on one folder, one of them
///          ReadWrite.
class Project final
{
public:
    /// Makes NAME.clipscope/ (and missing parents) with an empty catalogue, opened ReadWrite.
    /// Errors: Conflict when it is already a project; BadInput when it is a file or a folder
    ///         with something else in it; Io when it cannot be written.
    static Result<Project> create(const std::filesystem::path& folder);
    /// Errors: NotFound (no folder, or no project in it), Unsupported (made by a newer Clipscope),
    ///         Conflict (ReadWrite while another process, named by its id, holds it), Io,
    ///         BadInput (project.sqlite is damaged or something else). Nothing is changed on error.
    static Result<Project> open(const std::filesystem::path& folder, Access access);

    Project(Project&&) noexcept;
    Project& operator=(Project&&) noexcept;
    ~Project();

    Catalogue& catalogue();
    const Catalogue& catalogue() const;
    Access access() const;

    const std::filesystem::path& folder() const;
    /// Folders may not exist yet; their writers make them.
    std::filesystem::path featuresFolder(std::string_view encoder) const;
    std::filesystem::path statesFolder(std::string_view checkpoint) const;
    std::filesystem::path indexFolder(std::string_view checkpoint) const;
    std::filesystem::path captionsFolder(std::string_view name) const;
    std::filesystem::path runsFolder() const;
    std::filesystem::path jobsFolder() const;
    std::filesystem::path thumbnailsFolder() const;

private:
    struct Impl;
    explicit Project(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::store
