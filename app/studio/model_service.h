#pragma once

#include "base/result.h"
#include "labels/label_set.h"
#include "labels/segmenter.h"
#include "widgets/results/moments.h"

#include <QHash>
#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

#include <filesystem>
#include <memory>
#include <optional>

namespace clipscope::studio {

/// A checkpoint that openProject() takes.
struct CheckpointChoice
{
    QString name;
    QString title;

    bool operator==(const CheckpointChoice&) const = default;
};

/// What the model thread can do at the moment.
struct ModelState
{
    enum class Phase {
        NoProject, ///< nothing is open
        Loading, ///< the checkpoint is being read
        Ready,
        NoModel, ///< no checkpoint is installed; `error` says which and the command that makes it
        Failed, ///< `error`
    };
    Phase phase = Phase::NoProject;
    QString checkpoint; ///< "starter", "RUN.best"
    QString title; ///< "Starter: object and scene search"
    QString limits; ///< what it cannot do, one sentence for people
    int searchableVideos = 0; ///< videos whose seconds are there
    int allVideos = 0; ///< videos of the project
    QList<CheckpointChoice> checkpoints; ///< all that can be chosen, best first
    std::optional<Error> error;

    bool operator==(const ModelState&) const = default;
};

/// The answer to one query.
struct SearchReply
{
    QString query;
    std::vector<widgets::VideoMoments> videos; ///< best first
    bool nothingMatches = false; ///< all moments are weak
    QStringList notes; ///< "the query was cut to its first 61 words"
    double milliseconds = 0.0; ///< on the model thread, text tower included
};

/// Score curves of some videos for one query.
struct StripsReply
{
    QString query;
    QHash<qint64, widgets::HeatScores> strips; ///< by video id
};

/// One video labelled by the model.
struct LabelReply
{
    qint64 videoId = 0;
    labels::LabelSet labelSet; ///< as it was asked for
    labels::SegmenterOptions options; ///< as they were asked for
    std::string checkpoint; ///< fingerprint of the model that answers
    qint64 seconds = 0; ///< T; 0 when the video has no states yet
    std::shared_ptr<const std::vector<float>> scores; ///< [T, L] row-major, shared, never changed
    labels::Labelling labelling; ///< label and margin of each second, spans, change points
    std::vector<labels::Segment> segments; ///< the spans by name, cut at the video's end, no ids
    double threshold = 0.0; ///< asked for, or found: of labels without their own
    std::vector<double> thresholds; ///< [L] used
    QStringList notes; ///< "a wording is longer than the model reads"
    double milliseconds = 0.0; ///< on the model thread, text tower included
};

/// Queries of the open project, answered on one model thread that owns the checkpoint and the
/// mapped states. Only the newest wish of each kind is answered.
///
/// Errors:  failed() for a query, labellingFailed() for labels, ModelState::error for the
///          checkpoint.
/// Threads: GUI thread only; nothing here blocks.
class ModelService : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    virtual const ModelState& state() const = 0;
    /// Leaves the old project and loads `checkpoint` (empty: the project's best one).
    /// An empty folder closes.
    virtual void openProject(const std::filesystem::path& folder, const QString& checkpoint = {})
        = 0;
    /// Looks again for videos extracted meanwhile; cheap when there are none.
    virtual void refresh() = 0;
    /// Moments for `query`; answered by searchFinished(). An empty query is never answered.
    virtual void search(const QString& query) = 0;
    /// Only the curves of `videoIds`; answered by stripsFinished(), before any waiting search.
    virtual void strips(const QString& query, const QList<qint64>& videoIds) = 0;
    /// Up to three short queries made from the project's captions; answered by suggestionsReady().
    virtual void suggest() = 0;
    /// Labels every second of a video; answered by labelled() or labellingFailed(). Only labels
    /// whose texts are new are embedded and scored, so that an edited wording costs little; what is
    /// typed goes before, also while many labels are new. A set without labels is never answered.
    virtual void label(
        qint64 videoId, const labels::LabelSet& labelSet, const labels::SegmenterOptions& options)
        = 0;

Q_SIGNALS:
    void stateChanged(const clipscope::studio::ModelState& state);
    void searchFinished(const clipscope::studio::SearchReply& reply);
    void stripsFinished(const clipscope::studio::StripsReply& reply);
    void suggestionsReady(const QStringList& queries);
    void labelled(const clipscope::studio::LabelReply& reply);
    void labellingFailed(qint64 videoId, const clipscope::Error& error);
    void failed(const clipscope::Error& error);
};

/// The service with the real model thread; its destructor waits for the running query only.
std::unique_ptr<ModelService> makeModelService();

} // namespace clipscope::studio
