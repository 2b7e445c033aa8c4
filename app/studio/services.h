#pragma once

namespace clipscope::widgets {
class ThumbnailSource;
}

namespace clipscope::studio {

class JobService;
class ModelService;
class Navigator;
class Preferences;
class ProjectSession;
class WaveformService;

/// What pages may use, built once (app/studio/studio.h) and handed down by reference. Nothing here
/// is global.
/// Owns:    nothing; every member outlives the window.
/// Threads: GUI thread only; each service says what it does elsewhere.
struct Services
{
    ProjectSession& project; ///< the open project, if any
    JobService& jobs; ///< long work in other processes
    ModelService& model; ///< checkpoints and queries, on the model thread
    widgets::ThumbnailSource& thumbnails; ///< pictures of videos, made lazily
    WaveformService& waveforms; ///< sound of videos over time, made lazily
    Preferences& preferences; ///< what the user chose for the window
    Navigator& navigator; ///< how pages ask for what is not theirs
};

} // namespace clipscope::studio
