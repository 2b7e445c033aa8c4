#include "widgets/results/results_view.h"

#include "widgets/common/format.h"
#include "widgets/results/moments_delegate.h"
#include "widgets/results/thumbnail_source.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

namespace clipscope::widgets {

ResultsView::ResultsView(ThumbnailSource& thumbnails, QWidget* parent)
    : QListView(parent)
    , m_delegate(new MomentsDelegate(thumbnails, this))
{
    setObjectName(QStringLiteral("results"));
    setAccessibleName(tr("Moments found"));
    setModel(&m_model);
    setItemDelegate(m_delegate);
    // Headings are as wide as the view, so wrapping puts each on a line of its own.
    setFlow(QListView::LeftToRight);
    setWrapping(true);
    setResizeMode(QListView::Adjust);
    setMovement(QListView::Static);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    // Always there: one that comes and goes changes the width, and with it what needs scrolling.
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setMouseTracking(true);
    setLayoutDirection(Qt::LeftToRight);
    connect(&m_preview, &HoverPreview::shown, this,
        [this](const QModelIndex& index, const QImage& picture) {
            m_delegate->setPreview(picture.isNull() ? QModelIndex() : index, picture);
            update(index);
        });
    connect(&thumbnails, &ThumbnailSource::ready, this,
        [this] { viewport()->update(); }); // one repaint for all that arrive together
}

ResultsView::~ResultsView() = default;

void ResultsView::setVideos(std::vector<VideoMoments> videos, Place place)
{
    m_preview.stop();
    const auto chosen = place == Place::Keep ? m_model.idOf(currentIndex()) : std::nullopt;
    const int scrolled = verticalScrollBar()->value();
    m_model.setVideos(std::move(videos));
    const QModelIndex kept = chosen ? m_model.indexOf(*chosen) : QModelIndex();
    setCurrentIndex(kept.isValid() ? kept : m_model.firstMoment());
    if (kept.isValid())
        verticalScrollBar()->setValue(scrolled);
    else
        scrollToTop();
}

QList<qint64> ResultsView::visibleVideos() const
{
    QList<qint64> ids;
    const QRect visible = viewport()->rect();
    for (int row = 0; row < m_model.rowCount(); ++row) {
        const QModelIndex index = m_model.index(row);
        if (m_model.kind(index) == MomentsModel::Kind::Video
            && visualRect(index).intersects(visible))
            ids.append(m_model.video(index)->videoId);
    }
    return ids;
}

void ResultsView::doItemsLayout()
{
    // What the list itself wraps at: with a style sheet it can be narrower than the viewport.
    m_delegate->setViewportWidth(std::min(viewport()->width(), maximumViewportSize().width()));
    QListView::doItemsLayout();
}

bool ResultsView::isPreviewing() const
{
    return m_preview.isPlaying();
}

QModelIndex ResultsView::moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers)
{
    const int step = action == MoveLeft || action == MovePrevious ? -1
        : action == MoveRight || action == MoveNext               ? 1
                                                                  : 0;
    if (step == 0 || !currentIndex().isValid())
        return QListView::moveCursor(action, modifiers);
    // Left and Right go on to the neighbour video.
    for (int row = currentIndex().row() + step; row >= 0 && row < m_model.rowCount(); row += step) {
        if (m_model.moment(m_model.index(row)))
            return m_model.index(row);
    }
    return currentIndex();
}

void ResultsView::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        choose(currentIndex());
    else if (event->key() == Qt::Key_Space)
        Q_EMIT playToggleWished();
    else
        QListView::keyPressEvent(event);
}

bool ResultsView::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride
        && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
        event->accept();
        return true;
    }
    return QListView::event(event);
}

void ResultsView::mousePressEvent(QMouseEvent* event)
{
    QListView::mousePressEvent(event);
    const QPoint position = event->position().toPoint();
    const QModelIndex index = indexAt(position);
    if (event->button() != Qt::LeftButton || !index.isValid())
        return;
    if (const auto seconds = stripTime(index, position))
        Q_EMIT timeChosen(*m_model.video(index), *seconds);
    else
        choose(index);
}

void ResultsView::mouseMoveEvent(QMouseEvent* event)
{
    QListView::mouseMoveEvent(event);
    const QPoint position = event->position().toPoint();
    const QModelIndex index = indexAt(position);
    hover(m_model.moment(index) ? index : QModelIndex());
    const auto seconds = stripTime(index, position);
    viewport()->setCursor(seconds ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (seconds)
        QToolTip::showText(event->globalPosition().toPoint(), shortTime(*seconds), viewport());
}

void ResultsView::leaveEvent(QEvent* event)
{
    hover({});
    QListView::leaveEvent(event);
}

void ResultsView::hideEvent(QHideEvent* event)
{
    hover({});
    QListView::hideEvent(event);
}

void ResultsView::wheelEvent(QWheelEvent* event)
{
    hover({});
    QListView::wheelEvent(event);
}

void ResultsView::hover(const QModelIndex& index)
{
    std::optional<PreviewClip> clip;
    if (index.isValid()) {
        const VideoMoments& video = *m_model.video(index);
        const Moment& moment = *m_model.moment(index);
        clip = PreviewClip{ video.path, video.index, moment.startSeconds, moment.stopSeconds };
    }
    m_preview.hover(index, std::move(clip), MomentsDelegate::thumbnailSize(devicePixelRatioF()));
}

std::optional<double> ResultsView::stripTime(const QModelIndex& index, const QPoint& position) const
{
    if (!index.isValid() || m_model.kind(index) != MomentsModel::Kind::Video)
        return std::nullopt;
    const HeatGeometry strip
        = m_delegate->geometry().strip(visualRect(index), m_model.video(index)->durationSeconds);
    if (!strip.track.adjusted(0.0, -6.0, 0.0, 6.0).contains(position))
        return std::nullopt;
    return strip.secondsAt(position.x());
}

void ResultsView::choose(const QModelIndex& index)
{
    if (const Moment* moment = m_model.moment(index))
        Q_EMIT momentChosen(*m_model.video(index), *moment);
}

} // namespace clipscope::widgets
