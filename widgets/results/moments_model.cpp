#include "widgets/results/moments_model.h"

#include "widgets/common/format.h"

#include <algorithm>

namespace clipscope::widgets {

void MomentsModel::setVideos(std::vector<VideoMoments> videos)
{
    beginResetModel();
    m_videos = std::move(videos);
    m_rows.clear();
    bool weakLine = false;
    bool anyStrong = false;
    for (std::size_t video = 0; video < m_videos.size(); ++video) {
        const auto& moments = m_videos[video].moments;
        const bool weak = onlyWeak(m_videos[video]);
        anyStrong = anyStrong || !weak;
        // Where everything is weak a line would separate nothing.
        if (!weakLine && weak && anyStrong) {
            m_rows.push_back({ Kind::WeakLine, video, 0 });
            weakLine = true;
        }
        m_rows.push_back({ Kind::Video, video, 0 });
        for (std::size_t moment = 0; moment < moments.size(); ++moment)
            m_rows.push_back({ Kind::Moment, video, moment });
    }
    endResetModel();
}

void MomentsModel::setStrips(const QHash<qint64, HeatScores>& strips)
{
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].kind != Kind::Video)
            continue;
        VideoMoments& video = m_videos[m_rows[row].video];
        const auto found = strips.constFind(video.videoId);
        if (found == strips.constEnd() || *found == video.heat)
            continue;
        video.heat = *found;
        const QModelIndex changed = index(static_cast<int>(row));
        Q_EMIT dataChanged(changed, changed);
    }
}

int MomentsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant MomentsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const VideoMoments& video = m_videos[row.video];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return spoken(row);
    case Qt::ToolTipRole:
        return row.kind == Kind::Video ? QVariant(video.path) : QVariant();
    default:
        return {};
    }
}

Qt::ItemFlags MomentsModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return kind(index) == Kind::Moment
        ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren
        : Qt::ItemNeverHasChildren;
}

MomentsModel::Kind MomentsModel::kind(const QModelIndex& index) const
{
    return m_rows[static_cast<std::size_t>(index.row())].kind;
}

const VideoMoments* MomentsModel::video(const QModelIndex& index) const
{
    if (!index.isValid() || kind(index) == Kind::WeakLine)
        return nullptr;
    return &m_videos[m_rows[static_cast<std::size_t>(index.row())].video];
}

const Moment* MomentsModel::moment(const QModelIndex& index) const
{
    if (!index.isValid() || kind(index) != Kind::Moment)
        return nullptr;
    return &video(index)->moments[m_rows[static_cast<std::size_t>(index.row())].moment];
}

std::optional<MomentId> MomentsModel::idOf(const QModelIndex& index) const
{
    const Moment* it = moment(index);
    return it ? std::optional(MomentId{ video(index)->videoId, it->startSeconds }) : std::nullopt;
}

QModelIndex MomentsModel::indexOf(const MomentId& id) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (idOf(index(row)) == id)
            return index(row);
    }
    return {};
}

QModelIndex MomentsModel::firstMoment() const
{
    const auto found = std::find_if(
        m_rows.begin(), m_rows.end(), [](const Row& row) { return row.kind == Kind::Moment; });
    return found == m_rows.end() ? QModelIndex() : index(static_cast<int>(found - m_rows.begin()));
}

int MomentsModel::momentCount() const
{
    return static_cast<int>(std::count_if(
        m_rows.begin(), m_rows.end(), [](const Row& row) { return row.kind == Kind::Moment; }));
}

QString MomentsModel::spoken(const Row& row) const
{
    const VideoMoments& video = m_videos[row.video];
    if (row.kind == Kind::WeakLine)
        return tr("Weaker matches below");
    if (row.kind == Kind::Video)
        return video.moments.size() == 1
            ? tr("%1, 1 moment").arg(video.title)
            : tr("%1, %2 moments").arg(video.title).arg(video.moments.size());
    const Moment& moment = video.moments[row.moment];
    const QString text = tr("%1, %2 to %3, score %4")
                             .arg(video.title, shortTime(moment.startSeconds),
                                 shortTime(moment.stopSeconds), figure(moment.score));
    return moment.weak ? tr("%1, weak match").arg(text) : text;
}

} // namespace clipscope::widgets
