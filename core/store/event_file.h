#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace clipscope::store {

/// Writes what TensorBoard shows of a run: events.out.tfevents.* (docs/formats/event-files.md).
///
/// Append-only. Every open() begins a file of its own whose name sorts behind those already there;
/// what a crash tore off the end of an older one is cut off. A run that goes on says from which
/// step: TensorBoard then forgets what older files hold of that step and later ones.
/// What was written is on the disk after flush(), and on its way there on destruction and whenever
/// some 100 kB wait.
/// Errors:  of every call: Io (disk full); the file then ends with a whole record, or with a torn
///          one that the next open() cuts off.
/// Threads: one thread at a time.
class EventFile final
{
public:
    /// `firstStep`: the first step that will be written, 0 for a new run. The folder must be there.
    static Result<EventFile> open(const std::filesystem::path& folder, std::int64_t firstStep = 0);
    EventFile(EventFile&&) noexcept;
    EventFile& operator=(EventFile&&) noexcept;
    ~EventFile();

    /// `tag`: "group/name" puts curves of one group side by side.
    Status scalar(std::string_view tag, std::int64_t step, double value);
    /// Counts `values` in 30 equal parts between the lowest and the highest; those that are not
    /// finite are left out, and without any other nothing is written.
    Status histogram(std::string_view tag, std::int64_t step, std::span<const double> values);
    /// Part i reaches from edges[i] to edges[i + 1] and holds counts[i].
    /// Requires rising edges, one more than counts, and at least one count.
    Status histogram(std::string_view tag, std::int64_t step, std::span<const double> edges,
        std::span<const double> counts);
    Status text(std::string_view tag, std::int64_t step, std::string_view markdown);
    Status flush();

    const std::filesystem::path& path() const;

private:
    struct Impl;
    explicit EventFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::store
