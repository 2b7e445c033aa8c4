#include "app/studio/pages/search/results_header.h"

#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/menu_button.h"
#include "widgets/common/theme.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int widestVideoName = 180;

QString orderText(MomentOrder order)
{
    return order == MomentOrder::BestFirst ? ResultsHeader::tr("Best first")
                                           : ResultsHeader::tr("By name and time");
}

} // namespace

ResultsHeader::ResultsHeader(QWidget* parent)
    : QWidget(parent)
    , m_title(new ElidedLabel({}, this))
    , m_summary(new QLabel(this))
    , m_answerRow(new QWidget(this))
    , m_pin(new QToolButton(this))
    , m_clear(new QToolButton(this))
    , m_videos(menuButton(QStringLiteral("videoFilter"), m_answerRow))
    , m_sort(menuButton(QStringLiteral("sortOrder"), m_answerRow))
{
    m_title->setFont(typeface(TypeSize::Section, true));
    m_title->setElideMode(Qt::ElideRight);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_summary->setProperty("role", QStringLiteral("secondary"));
    m_summary->setObjectName(QStringLiteral("searchSummary"));
    m_pin->setObjectName(QStringLiteral("pinQuery"));
    m_pin->setIcon(icon(Icon::Pin));
    m_pin->setCheckable(true);
    m_clear->setIcon(icon(Icon::Close));
    m_clear->setAccessibleName(tr("Clear the query"));
    m_clear->setToolTip(m_clear->accessibleName());
    for (QToolButton* button : { m_pin, m_clear })
        button->setAutoRaise(true);

    auto* words = new QHBoxLayout;
    words->setSpacing(space::s);
    words->addWidget(m_title, 1);
    words->addWidget(m_pin);
    words->addWidget(m_clear);
    auto* answer = new QHBoxLayout(m_answerRow);
    answer->setContentsMargins(0, 0, 0, 0);
    answer->setSpacing(space::xs);
    answer->addWidget(m_summary);
    answer->addStretch(1);
    answer->addWidget(m_videos);
    answer->addWidget(m_sort);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::l, space::s, space::s, space::xs);
    column->setSpacing(0);
    column->addLayout(words);
    column->addWidget(m_answerRow);

    auto* orders = new QActionGroup(this);
    for (const MomentOrder order : { MomentOrder::BestFirst, MomentOrder::ByName }) {
        QAction* action
            = m_sort->menu()->addAction(orderText(order), this, [this, order] { setOrder(order); });
        action->setCheckable(true);
        action->setChecked(order == m_order);
        orders->addAction(action);
    }
    connect(m_videos->menu(), &QMenu::aboutToShow, this, &ResultsHeader::fillVideoMenu);
    // The page says whether the query is pinned now; a click alone changes nothing.
    connect(m_pin, &QToolButton::clicked, this, &ResultsHeader::pinToggled);
    connect(m_clear, &QToolButton::clicked, this, &ResultsHeader::clearRequested);
    refreshTexts();
}

void ResultsHeader::setQuery(const QString& query, bool isPinned)
{
    setVisible(!query.isEmpty());
    m_title->setFullText(QStringLiteral("\u201c%1\u201d").arg(query));
    m_pin->setChecked(isPinned);
    m_pin->setAccessibleName(isPinned ? tr("Unpin this query") : tr("Pin this query"));
    m_pin->setToolTip(tr("%1 (Ctrl+Enter)").arg(m_pin->accessibleName()));
}

void ResultsHeader::setAnswer(const std::vector<VideoMoments>& videos, double milliseconds)
{
    m_found.clear();
    for (const VideoMoments& video : videos)
        m_found.push_back(
            { video.videoId, video.title, static_cast<qsizetype>(video.moments.size()) });
    std::stable_sort(m_found.begin(), m_found.end(),
        [](const Found& a, const Found& b) { return a.title.localeAwareCompare(b.title) < 0; });
    if (m_onlyVideo && std::none_of(m_found.begin(), m_found.end(), [this](const Found& found) {
            return found.videoId == *m_onlyVideo;
        }))
        m_onlyVideo.reset();
    m_summary->setToolTip(tr("Answered in %1 ms").arg(QLocale().toString(milliseconds, 'f', 1)));
    refreshTexts();
}

void ResultsHeader::setAnswerVisible(bool visible)
{
    m_answerRow->setVisible(visible);
}

std::vector<VideoMoments> ResultsHeader::arrange(std::vector<VideoMoments> videos) const
{
    return arranged(std::move(videos), m_order, m_onlyVideo);
}

void ResultsHeader::setOrder(MomentOrder order)
{
    if (order == m_order)
        return;
    m_order = order;
    m_sort->menu()->actions().at(static_cast<int>(order))->setChecked(true);
    refreshTexts();
    Q_EMIT arrangementChanged();
}

void ResultsHeader::chooseVideo(std::optional<qint64> video)
{
    if (video == m_onlyVideo)
        return;
    m_onlyVideo = video;
    refreshTexts();
    Q_EMIT arrangementChanged();
}

void ResultsHeader::fillVideoMenu()
{
    QMenu* menu = m_videos->menu();
    menu->clear();
    const auto add = [&](const QString& text, std::optional<qint64> video) {
        QAction* action = menu->addAction(text, this, [this, video] { chooseVideo(video); });
        action->setCheckable(true);
        action->setChecked(video == m_onlyVideo);
    };
    add(tr("All videos"), std::nullopt);
    menu->addSeparator();
    for (const Found& found : m_found)
        add(QStringLiteral("%1 (%2)").arg(found.title).arg(found.moments), found.videoId);
}

void ResultsHeader::refreshTexts()
{
    qsizetype moments = 0, videos = 0;
    QString name = tr("All videos");
    for (const Found& found : m_found) {
        if (m_onlyVideo && found.videoId != *m_onlyVideo)
            continue;
        moments += found.moments;
        ++videos;
        if (m_onlyVideo)
            name
                = m_videos->fontMetrics().elidedText(found.title, Qt::ElideMiddle, widestVideoName);
    }
    m_summary->setText(tr("%1 in %2")
                           .arg(counted(moments, tr("moment"), tr("moments")),
                               counted(videos, tr("video"), tr("videos"))));
    m_videos->setText(name);
    m_videos->setAccessibleName(tr("Videos shown: %1").arg(name));
    m_videos->setToolTip(tr("Show all videos or only one"));
    m_sort->setText(orderText(m_order));
    m_sort->setAccessibleName(tr("Order: %1").arg(m_sort->text()));
    m_sort->setToolTip(tr("Order of the moments"));
}

} // namespace clipscope::studio
