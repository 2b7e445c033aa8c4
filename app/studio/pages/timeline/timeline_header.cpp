#include "app/studio/pages/timeline/timeline_header.h"

#include "app/studio/pages/timeline/label_exchange.h"
#include "app/studio/pages/timeline/label_set_bar.h"
#include "app/studio/pages/timeline/review_models.h"
#include "app/studio/pages/timeline/timeline_desk.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/menu_button.h"
#include "widgets/common/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

namespace clipscope::studio {

using namespace widgets;

TimelineHeader::TimelineHeader(
    TimelineDesk& desk, LabelExchange& exchange, QLabel* title, QWidget* parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_exchange(exchange)
    , m_film(new ElidedLabel({}, this))
    , m_files(menuButton(QStringLiteral("labelFiles"), this))
    , m_review(new QComboBox(this))
{
    m_film->setObjectName(QStringLiteral("timelineTitle"));
    m_film->setFont(typeface(TypeSize::Base, true));
    m_review->setObjectName(QStringLiteral("reviewState"));
    m_review->setAccessibleName(tr("How far the review of this video is"));
    for (const auto state :
        { store::ReviewState::Open, store::ReviewState::Started, store::ReviewState::Done })
        m_review->addItem(QueueModel::stateText(state));
    m_files->setText(tr("Files"));
    m_files->setToolTip(tr("Import and export labels"));
    fillFilesMenu();
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::l, space::m, space::l, space::m);
    row->setSpacing(space::m);
    row->addWidget(title);
    row->addSpacing(space::s);
    row->addWidget(m_film, 1);
    row->addWidget(new LabelSetBar(desk, this));
    row->addWidget(m_files);
    row->addWidget(m_review);
    connect(m_review, &QComboBox::activated, this,
        [this](int index) { m_desk.session().setReview(static_cast<store::ReviewState>(index)); });
    connect(&desk, &TimelineDesk::filmOpened, this, &TimelineHeader::showFilm);
    connect(&desk, &TimelineDesk::filmClosed, this, &TimelineHeader::showFilm);
    connect(&desk.session(), &LabelSession::stateChanged, this, &TimelineHeader::showFilm);
    showFilm();
}

void TimelineHeader::fillFilesMenu()
{
    QMenu* menu = m_files->menu();
    menu->addAction(tr("Import Labels..."), this, [this] { m_exchange.askImport(); });
    menu->addSeparator();
    for (const labels::Format format : labels::allFormats)
        if (labels::canWrite(format))
            menu->addAction(tr("Export: %1").arg(LabelExchange::titleOf(format)), this,
                [this, format] { m_exchange.askExport(format); });
}

void TimelineHeader::showFilm()
{
    const TimelineFilm* film = m_desk.film();
    const LabelSession& session = m_desk.session();
    m_film->setFullText(film ? film->title() : QString());
    m_files->setEnabled(film != nullptr);
    m_review->setCurrentIndex(static_cast<int>(session.review()));
    m_review->setEnabled(session.isOpen() && !session.isReadOnly());
}

} // namespace clipscope::studio
