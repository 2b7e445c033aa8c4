#include "widgets/player/video_view.h"

#include "widgets/common/theme.h"

#include <QMouseEvent>
#include <QPainter>

namespace clipscope::widgets {

QRect fittedInto(const QRect& area, const QSize& picture)
{
    const QSize size = picture.scaled(area.size(), Qt::KeepAspectRatio);
    return { area.topLeft()
            + QPoint((area.width() - size.width()) / 2, (area.height() - size.height()) / 2),
        size };
}

VideoView::VideoView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("videoView"));
    setAccessibleName(tr("Picture"));
    setAttribute(Qt::WA_OpaquePaintEvent);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void VideoView::show(const QImage& picture)
{
    m_picture = picture;
    update();
}

void VideoView::setMessage(const QString& message)
{
    m_message = message;
    update();
}

void VideoView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), tokens(this).videoSurround);
    if (!m_picture.isNull()) {
        painter.setRenderHint(QPainter::SmoothPixmapTransform);
        painter.drawImage(fittedInto(rect(), m_picture.size()), m_picture);
        return;
    }
    painter.setPen(darkTokens().secondary); // the surround is dark in both themes
    painter.setFont(typeface(TypeSize::Base));
    painter.drawText(rect().adjusted(space::xl, space::xl, -space::xl, -space::xl),
        Qt::AlignCenter | Qt::TextWordWrap, m_message);
}

void VideoView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        Q_EMIT clicked();
    else
        event->ignore();
}

} // namespace clipscope::widgets
