#include "widgets/common/icons.h"

#include "widgets/common/theme.h"

#include <QAbstractButton>
#include <QFile>
#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include <algorithm>

namespace clipscope::widgets {

namespace {

QString resourceOf(Icon name)
{
    static constexpr const char* names[] = { "add", "cancel", "captions", "check", "chevron-down",
        "chevron-right", "clock", "close", "clusters", "collection", "copy", "details", "drop",
        "error", "evaluate", "export", "film", "folder", "frame-back", "frame-forward", "help",
        "info", "jobs", "list", "logo", "loop", "mute", "pause", "pin", "play", "preferences",
        "resume", "search", "skip-back", "skip-forward", "stop", "theme", "timeline", "training",
        "volume", "warning" };
    static_assert(std::size(names) == static_cast<std::size_t>(Icon::Warning) + 1);
    return QStringLiteral(":/clipscope/icons/%1.svg")
        .arg(QLatin1String(names[static_cast<std::size_t>(name)]));
}

void paintIcon(QPainter& painter, const QRectF& area, Icon name, const QColor& colour)
{
    QFile file(resourceOf(name));
    if (!file.open(QIODevice::ReadOnly))
        return;
    QByteArray drawing = file.readAll();
    drawing.replace("currentColor", colour.name().toLatin1());
    // Large drawings keep the thin line of the small ones.
    if (area.width() >= 32.0)
        drawing.replace("stroke-width=\"1.5\"",
            "stroke-width=\"" + QByteArray::number(1.5 * 24.0 / area.width()) + '"');
    QSvgRenderer(drawing).render(&painter, area);
}

/// Draws in the colours of the application's palette at the moment of painting, so that a switch
/// of the theme needs no new icons.
class ThemeIconEngine final : public QIconEngine
{
public:
    explicit ThemeIconEngine(Icon name)
        : m_name(name)
    {
    }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override
    {
        const qreal ratio = painter->device() ? painter->device()->devicePixelRatioF() : 1.0;
        painter->drawPixmap(rect, scaledPixmap(rect.size() * ratio, mode, state, 1.0));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        return scaledPixmap(size, mode, state, 1.0);
    }
    QPixmap scaledPixmap(
        const QSize& size, QIcon::Mode mode, QIcon::State state, qreal /*scale*/) override
    {
        const Tokens& theme = tokens(QGuiApplication::palette());
        const QColor colour = mode == QIcon::Disabled       ? theme.disabled
            : state == QIcon::On || mode == QIcon::Selected ? theme.accent
                                                            : theme.text;
        const QString key = QStringLiteral("clipscope/%1/%2/%3x%4")
                                .arg(static_cast<int>(m_name))
                                .arg(colour.name())
                                .arg(size.width())
                                .arg(size.height());
        QPixmap result;
        if (QPixmapCache::find(key, &result))
            return result;
        result = QPixmap(size);
        result.fill(Qt::transparent);
        QPainter painter(&result);
        const int side = std::min(size.width(), size.height());
        paintIcon(painter, QRectF(0, (size.height() - side) / 2.0, side, side), m_name, colour);
        painter.end();
        QPixmapCache::insert(key, result);
        return result;
    }
    QIconEngine* clone() const override { return new ThemeIconEngine(*this); }
    QString key() const override { return QStringLiteral("clipscope"); }
    bool isNull() override { return false; }

private:
    Icon m_name;
};

} // namespace

QIcon icon(Icon name)
{
    return QIcon(new ThemeIconEngine(name));
}

void decorate(QAbstractButton& button, Icon name)
{
    button.setIcon(icon(name));
    button.setIconSize({ 20, 16 }); // drawn at the left: 4 pixels of air
}

QPixmap iconPixmap(Icon name, const QColor& colour, int logicalPixels, qreal devicePixelRatio)
{
    QPixmap result(QSize(logicalPixels, logicalPixels) * devicePixelRatio);
    result.fill(Qt::transparent);
    result.setDevicePixelRatio(devicePixelRatio);
    QPainter painter(&result);
    paintIcon(painter, QRectF(0, 0, logicalPixels, logicalPixels), name, colour);
    return result;
}

} // namespace clipscope::widgets
