#pragma once

#include "widgets/results/moments.h"

#include <QAbstractListModel>
#include <QHash>

#include <optional>
#include <vector>

namespace clipscope::widgets {

/// Which moment a row stands for; survives a new list.
struct MomentId
{
    qint64 videoId = 0;
    double startSeconds = 0.0;

    bool operator==(const MomentId&) const = default;
};

/// Answers of a query as one flat list: a heading per video, its moments, and one line before the
/// first video that has only weak ones. Only moments can be chosen.
///
/// Errors:  none.
/// Threads: GUI thread only.
class MomentsModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    enum class Kind { Video, Moment, WeakLine };

    using QAbstractListModel::QAbstractListModel;

    /// In the order to show; those that have only weak moments come last.
    void setVideos(std::vector<VideoMoments> videos);
    const std::vector<VideoMoments>& videos() const { return m_videos; }
    /// New score curves for the videos that are in the list.
    void setStrips(const QHash<qint64, HeatScores>& strips);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

    Kind kind(const QModelIndex& index) const;
    /// Of a heading or a moment; null for the weak line.
    const VideoMoments* video(const QModelIndex& index) const;
    const Moment* moment(const QModelIndex& index) const; ///< null unless Kind::Moment
    std::optional<MomentId> idOf(const QModelIndex& index) const;
    QModelIndex indexOf(const MomentId& id) const; ///< invalid when it is gone
    QModelIndex firstMoment() const;
    int momentCount() const;

private:
    struct Row
    {
        Kind kind = Kind::Video;
        std::size_t video = 0;
        std::size_t moment = 0;
    };
    QString spoken(const Row& row) const;

    std::vector<VideoMoments> m_videos;
    std::vector<Row> m_rows;
};

} // namespace clipscope::widgets
