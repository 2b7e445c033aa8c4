#include "widgets/common/error_banner.h"

#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace clipscope::widgets {

namespace {

constexpr int mostBanners = 3;

/// The icon of a banner; drawn when painted, so it follows the theme.
class SeverityIcon final : public QWidget
{
public:
    SeverityIcon(Severity severity, QWidget* parent)
        : QWidget(parent)
        , m_severity(severity)
    {
        setFixedSize(20, 20);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& theme = tokens(this);
        const Icon name = m_severity == Severity::Info ? Icon::Info
            : m_severity == Severity::Warning          ? Icon::Warning
                                                       : Icon::Error;
        const QColor colour = m_severity == Severity::Info ? theme.accent
            : m_severity == Severity::Warning              ? theme.warning
                                                           : theme.bad;
        QPainter painter(this);
        painter.drawPixmap(QPoint(), iconPixmap(name, colour, 20, devicePixelRatioF()));
    }

private:
    Severity m_severity;
};

} // namespace

QString errorTitle(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::BadInput:
        return ErrorBanner::tr("This input cannot be used");
    case ErrorKind::NotFound:
        return ErrorBanner::tr("Something is missing");
    case ErrorKind::Io:
        return ErrorBanner::tr("The system refused to read or write");
    case ErrorKind::Unsupported:
        return ErrorBanner::tr("This build cannot do that");
    case ErrorKind::Conflict:
        return ErrorBanner::tr("Something else stands in the way");
    case ErrorKind::OutOfMemory:
        return ErrorBanner::tr("Memory ran out");
    case ErrorKind::Cancelled:
        return ErrorBanner::tr("Stopped");
    case ErrorKind::Internal:
        break;
    }
    return ErrorBanner::tr("Clipscope made a mistake");
}

ErrorBanner::ErrorBanner(const Error& error, QWidget* parent)
    : QFrame(parent)
{
    QString sentence = fromUtf8(error.message);
    if (!error.hint.empty())
        sentence += QLatin1Char(' ') + fromUtf8(error.hint);
    build(Severity::Error, errorTitle(error.kind), sentence, &error);
    m_fullText = errorTitle(error.kind) + QLatin1Char('\n') + fromUtf8(error.toString());
    if (!error.hint.empty() && !m_fullText.contains(fromUtf8(error.hint)))
        m_fullText += QLatin1Char('\n') + fromUtf8(error.hint);
}

ErrorBanner::ErrorBanner(
    Severity severity, const QString& title, const QString& message, QWidget* parent)
    : QFrame(parent)
{
    build(severity, title, message, nullptr);
    m_fullText = title + QLatin1Char('\n') + message;
}

void ErrorBanner::build(
    Severity severity, const QString& title, const QString& message, const Error* error)
{
    static constexpr const char* parts[] = { "banner-info", "banner-warning", "banner-error" };
    setObjectName(QStringLiteral("errorBanner"));
    setProperty("part", QLatin1String(parts[static_cast<int>(severity)]));
    setAccessibleName(title);
    setAccessibleDescription(message);

    auto* heading = new QLabel(title, this);
    heading->setFont(typeface(TypeSize::Base, true));
    auto* text = new QLabel(message, this);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(heading);
    words->addWidget(text);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(space::xs);
    m_actions = new QWidget(this);
    auto* actions = new QHBoxLayout(m_actions);
    actions->setContentsMargins(0, 0, 0, 0);
    buttons->addWidget(m_actions);

    if (error) {
        if (const QString place = fromUtf8(error->place.toString()); !place.isEmpty()) {
            const QString file = fromPath(error->place.file);
            auto* link = new QLabel(this);
            link->setObjectName(QStringLiteral("place"));
            link->setText(file.isEmpty()
                    ? place.toHtmlEscaped()
                    : QStringLiteral("<a href=\"place\">%1</a>").arg(place.toHtmlEscaped()));
            link->setTextInteractionFlags(Qt::TextBrowserInteraction);
            link->setWordWrap(true);
            connect(
                link, &QLabel::linkActivated, this, [this, file] { Q_EMIT placeActivated(file); });
            words->addWidget(link);
        }
        if (!error->context.empty()) {
            QStringList lines;
            for (const std::string& doing : error->context)
                lines += fromUtf8(doing);
            m_details = new QLabel(lines.join(QLatin1Char('\n')), this);
            m_details->setObjectName(QStringLiteral("details"));
            m_details->setTextFormat(Qt::PlainText);
            m_details->setProperty("role", QStringLiteral("secondary"));
            m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
            m_details->hide();
            words->addWidget(m_details);
            auto* details = new QPushButton(tr("Details"), this);
            details->setCheckable(true);
            details->setProperty("flat", true);
            connect(details, &QPushButton::toggled, m_details, &QWidget::setVisible);
            buttons->addWidget(details);
        }
        auto* copy = new QPushButton(tr("Copy"), this);
        copy->setObjectName(QStringLiteral("copy"));
        copy->setProperty("flat", true);
        connect(copy, &QPushButton::clicked, this,
            [this] { QApplication::clipboard()->setText(m_fullText); });
        buttons->addWidget(copy);
    }
    auto* close = new QToolButton(this);
    close->setObjectName(QStringLiteral("close"));
    close->setIcon(icon(Icon::Close));
    close->setToolTip(tr("Close"));
    close->setAccessibleName(tr("Close this message"));
    connect(close, &QToolButton::clicked, this, &ErrorBanner::dismissed);
    buttons->addWidget(close);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::l, space::s, space::m, space::s);
    row->setSpacing(space::m);
    row->addWidget(new SeverityIcon(severity, this), 0, Qt::AlignTop);
    row->addLayout(words, 1);
    row->addLayout(buttons);
    row->setAlignment(buttons, Qt::AlignTop);
}

QPushButton* ErrorBanner::addAction(const QString& text)
{
    auto* button = new QPushButton(text, this);
    m_actions->layout()->addWidget(button);
    return button;
}

BannerArea::BannerArea(QWidget* parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("bannerArea"));
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(0);
}

void BannerArea::show(const Error& error)
{
    if (error.kind != ErrorKind::Cancelled)
        insert(new ErrorBanner(error, this));
}

ErrorBanner* BannerArea::show(Severity severity, const QString& title, const QString& message)
{
    return insert(new ErrorBanner(severity, title, message, this));
}

ErrorBanner* BannerArea::insert(ErrorBanner* banner)
{
    const QList<ErrorBanner*> shown = banners();
    for (ErrorBanner* old : shown) {
        if (old->fullText() == banner->fullText() || old == shown.value(mostBanners - 1)) {
            m_layout->removeWidget(old);
            old->hide();
            old->deleteLater();
        }
    }
    m_layout->insertWidget(0, banner);
    connect(banner, &ErrorBanner::placeActivated, this, &BannerArea::placeActivated);
    connect(banner, &ErrorBanner::dismissed, this, [this, banner] {
        m_layout->removeWidget(banner);
        banner->hide();
        banner->deleteLater();
    });
    return banner;
}

void BannerArea::clear()
{
    const QList<ErrorBanner*> shown = banners();
    for (ErrorBanner* banner : shown)
        Q_EMIT banner->dismissed();
}

QList<ErrorBanner*> BannerArea::banners() const
{
    QList<ErrorBanner*> result;
    for (int i = 0; i < m_layout->count(); ++i)
        result += qobject_cast<ErrorBanner*>(m_layout->itemAt(i)->widget());
    return result;
}

} // namespace clipscope::widgets
