#pragma once

#include "base/job_context.h"
#include "base/json.h"
#include "base/result.h"
#include "base/settings.h"

#include <cstdint>
#include <filesystem>

namespace clipscope::jobs {

/// Settings of `clipscope-cli make-collection`.
struct MakeCollectionSettings
{
    std::filesystem::path folder; ///< new or empty
    std::int64_t videos = 200; ///< films to train on
    std::int64_t seed = 1;
    std::int64_t scenes = 8; ///< of each of these films
    double maxShift = 3.0; ///< seconds
    std::int64_t threads = 0; ///< 0: as many as there are cores, at most 8
};
void describe(SettingsVisitor& visitor, MakeCollectionSettings& settings);

struct MakeCollectionReport
{
    std::filesystem::path folder; ///< absolute
    std::int64_t trainingFilms = 0, heldOutFilms = 0;
    std::int64_t captions = 0; ///< of both
    double trainingSeconds = 0.0, elapsedSeconds = 0.0;
};
Json toJson(const MakeCollectionReport& report);

/// Makes a narrated collection of films to train on and to measure with (docs/training.md):
/// coloured shapes at actions that one picture does not tell, several scenes a film, captions as of
/// speech recognition, up to `maxShift` seconds too early or too late.
///
/// FOLDER/film-NNNNN.mp4 train. FOLDER/held-out/COLOUR-SHAPE-ACTION.mp4 show each of the 77
/// combinations that no other film shows, with the true times. captions.json holds the captions of
/// all, as `import` takes them up; held-out.txt the names of the held-out films; vocab.txt the
/// words. Equal settings give equal bytes with the same FFmpeg. The folder appears when it is
/// whole; whatever ends the work before leaves nothing (a killed process: FOLDER.part, which the
/// next call replaces). Progress: unit "films". Errors: Conflict when the folder holds something,
/// BadInput when it is a file, Io, Unsupported (FFmpeg without MPEG-4), Cancelled.
Result<MakeCollectionReport> runMakeCollection(
    const MakeCollectionSettings& settings, JobContext context);

} // namespace clipscope::jobs
