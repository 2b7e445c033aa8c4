#pragma once

#include "app/studio/lane.h"
#include "app/studio/pages/training/run_info.h"

#include <QObject>

#include <memory>
#include <variant>
#include <vector>

namespace clipscope::studio {

/// Moves the folders of runs: into the archive, back, into the system's trash. Refuses while a
/// process works on one.
/// Errors:  failed().
/// Threads: GUI thread only; the files are moved in lanes.
class RunKeeper final : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    void archive(const std::filesystem::path& project, const RunInfo& run);
    void unarchive(const std::filesystem::path& project, const RunInfo& run);
    void moveToTrash(const RunInfo& run);

Q_SIGNALS:
    void moved(); ///< some run is no longer where it was
    void failed(const clipscope::Error& error);

private:
    template<typename Work> void start(Work work);
    /// One each: a move never supersedes another.
    std::vector<std::unique_ptr<Lane<std::monostate>>> m_moves;
};

} // namespace clipscope::studio
