#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace clipscope::store {
class Project;
}

namespace clipscope::tasks {

enum class CheckpointKind { Starter, VideoClip };

/// A checkpoint that a project can search with.
struct CheckpointInfo
{
    std::string name; ///< "starter", "videoclip", "RUN.best", "RUN.last": folder name of its states
    std::string title; ///< for people: "Starter: object and scene search"
    CheckpointKind kind = CheckpointKind::Starter;
    std::filesystem::path path; ///< safetensors file
    std::string encoder; ///< whose features it reads: folder name under features/
    std::string limits; ///< one or two sentences on what it cannot do; empty if none are known
};

/// Every checkpoint at hand for the project, best default first: installed VideoCLIP if the project
/// has S3D features, then the starter, then the runs' checkpoints, newest first.
/// Files that cannot be read as checkpoints are left out.
/// Threads: any thread at once.
Result<std::vector<CheckpointInfo>> listCheckpoints(const store::Project& project);

/// The checkpoint of that name; an empty name means the first of the list whose features exist, or
/// else the first.
/// Errors: NotFound (names those that exist, or says how to get the starter).
Result<CheckpointInfo> findCheckpoint(const store::Project& project, const std::string& name);

} // namespace clipscope::tasks
