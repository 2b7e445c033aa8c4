#include "app/studio/pages/collection/details_panel.h"

#include "app/studio/pages/collection/video_table.h"
#include "base/json.h"
#include "store/project.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QDesktopServices>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QPushButton>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QUrl>
#include <QVBoxLayout>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int startRole = Qt::UserRole;

/// Time and words of a caption in one line.
class CaptionDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const Tokens& theme = tokens(option.palette);
        painter->save();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme.accentTint);
        const QRect area = option.rect.adjusted(space::l, 0, -space::m, 0);
        constexpr int timeWidth = 48;
        painter->setFont(typeface(TypeSize::Base));
        painter->setPen(theme.secondary);
        painter->drawText(QRect(area.left(), area.top(), timeWidth, area.height()),
            Qt::AlignLeft | Qt::AlignVCenter, shortTime(index.data(startRole).toDouble()));
        painter->setPen(theme.text);
        const QRect words = area.adjusted(timeWidth, 0, 0, 0);
        painter->drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(
                index.data().toString(), Qt::ElideRight, words.width()));
        painter->restore();
    }
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return { 200, 26 };
    }
};

QString text(const Json& json, const char* key)
{
    return json.contains(key) && json[key].is_string()
        ? fromUtf8(json[key].get_ref<const std::string&>())
        : QString();
}

double number(const Json& json, const char* key)
{
    return json.contains(key) && json[key].is_number() ? json[key].get<double>() : 0.0;
}

bool flag(const Json& json, const char* key)
{
    return json.contains(key) && json[key].is_boolean() && json[key].get<bool>();
}

QLabel* heading(const QString& title, QWidget* parent)
{
    auto* label = new QLabel(title, parent);
    label->setFont(typeface(TypeSize::Base, true));
    return label;
}

} // namespace

DetailsPanel::DetailsPanel(QWidget* parent)
    : QWidget(parent)
    , m_stack(new QStackedWidget(this))
    , m_lane(this)
{
    setObjectName(QStringLiteral("detailsPanel"));
    setProperty("part", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    setMinimumWidth(280);
    auto* whole = new QVBoxLayout(this);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->addWidget(m_stack);
    auto* nothing = new QLabel(tr("Select a video to see what is in it."), m_stack);
    nothing->setAlignment(Qt::AlignCenter);
    nothing->setWordWrap(true);
    nothing->setProperty("role", QStringLiteral("secondary"));
    m_stack->addWidget(nothing);

    auto* page = new QWidget(m_stack);
    m_stack->addWidget(page);
    m_name = new ElidedLabel({}, page);
    m_name->setFont(typeface(TypeSize::Section, true));
    m_path = new ElidedLabel({}, page);
    m_path->setProperty("role", QStringLiteral("secondary"));
    m_play = new QPushButton(tr("Open in Player"), page);
    decorate(*m_play, Icon::Play);
    m_reveal = new QPushButton(tr("Show in Folder"), page);
    decorate(*m_reveal, Icon::Folder);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(space::s);
    buttons->addWidget(m_play);
    buttons->addWidget(m_reveal);
    buttons->addStretch(1);
    m_problems = new QLabel(page);
    m_problems->setWordWrap(true);
    m_problems->setTextFormat(Qt::PlainText);
    m_problems->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_problems->setProperty("role", QStringLiteral("warning"));
    m_facts = new QWidget(page);
    m_factsLayout = new QFormLayout(m_facts);
    m_factsLayout->setContentsMargins(0, 0, 0, 0);
    m_factsLayout->setHorizontalSpacing(space::l);
    m_factsLayout->setVerticalSpacing(space::xs);
    m_captionsTitle = heading({}, page);
    m_captions = new QListView(page);
    m_captions->setObjectName(QStringLiteral("captionList"));
    m_captions->setAccessibleName(tr("Captions"));
    m_captions->setModel(&m_captionsModel);
    m_captions->setItemDelegate(new CaptionDelegate(m_captions));
    m_captions->setUniformItemSizes(true);
    m_captions->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_captions->setToolTip(tr("Double click opens the player there"));

    auto* headFrame = new QWidget(page);
    headFrame->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* head = new QVBoxLayout(headFrame);
    head->setContentsMargins(space::l, space::l, space::l, 0);
    head->setSpacing(space::s);
    head->addWidget(m_name);
    head->addWidget(m_path);
    head->addLayout(buttons);
    head->addWidget(m_problems);
    head->addSpacing(space::xs);
    head->addWidget(m_facts);
    head->addSpacing(space::s);
    head->addWidget(m_captionsTitle);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::xs);
    column->addWidget(headFrame);
    column->addWidget(m_captions, 1);
    column->addStretch(0);

    connect(
        m_play, &QPushButton::clicked, this, [this] { Q_EMIT openRequested(m_row.video.id, 0.0); });
    connect(m_reveal, &QPushButton::clicked, this, [this] {
        QDesktopServices::openUrl(QUrl::fromLocalFile(fromPath(m_row.video.path.parent_path())));
    });
    connect(m_captions, &QListView::activated, this, [this](const QModelIndex& index) {
        Q_EMIT openRequested(m_row.video.id, index.data(startRole).toDouble());
    });
}

void DetailsPanel::show(const std::filesystem::path& project, const CollectionRow* row)
{
    if (!row) {
        m_lane.cancel();
        m_row = {};
        m_stack->setCurrentIndex(0);
        return;
    }
    if (m_stack->currentIndex() == 1 && *row == m_row)
        return;
    m_row = *row;
    m_stack->setCurrentIndex(1);
    m_name->setFullText(fromPath(row->video.path.filename()));
    m_path->setFullText(fromPath(row->video.path.parent_path()));
    m_play->setEnabled(row->isImported());
    m_play->setToolTip(row->isImported() ? QString() : tr("This file was not imported."));
    fillFacts(*row);
    fillProblems(*row);
    loadCaptions(project);
}

void DetailsPanel::addFact(const QString& name, const QString& value)
{
    auto* label = new QLabel(name, m_facts);
    label->setProperty("role", QStringLiteral("secondary"));
    auto* content = new QLabel(value, m_facts);
    content->setTextInteractionFlags(Qt::TextSelectableByMouse);
    content->setWordWrap(true);
    m_factsLayout->addRow(label, content);
}

void DetailsPanel::fillFacts(const CollectionRow& row)
{
    while (m_factsLayout->rowCount() > 0)
        m_factsLayout->removeRow(0);
    m_facts->setVisible(row.isImported());
    if (!row.isImported())
        return;
    const store::VideoRecord& video = row.video;
    const Json streams = parseJson(video.streamsJson).value_or(Json::object());
    addFact(tr("Duration"),
        tr("%1, %2 frames").arg(preciseTime(video.durationSeconds), count(video.frameCount)));
    QString picture = tr("%1 x %2, %3")
                          .arg(video.widthPixels)
                          .arg(video.heightPixels)
                          .arg(fromUtf8(video.codec));
    if (const double turn = number(streams, "rotation"); turn != 0.0)
        picture += tr(", turned by %1 degrees").arg(turn);
    if (flag(streams, "interlaced"))
        picture += tr(", interlaced");
    addFact(tr("Picture"), picture);
    addFact(tr("Rate"),
        flag(streams, "variable_frame_rate")
            ? tr("%1 frames per second, varying").arg(figure(video.averageFps))
            : tr("%1 frames per second").arg(figure(video.averageFps)));
    QString sound = tr("none");
    if (streams.contains("audio")) {
        const Json& audio = streams["audio"];
        sound = tr("%1, %2 Hz, %3")
                    .arg(text(audio, "codec"),
                        count(static_cast<std::int64_t>(number(audio, "rate"))),
                        counted(static_cast<std::int64_t>(number(audio, "channels")), tr("channel"),
                            tr("channels")));
    }
    addFact(tr("Sound"), sound);
    addFact(tr("Container"), fromUtf8(video.container).section(QLatin1Char(','), 0, 0));
    addFact(tr("Features"), featuresText(row));
}

void DetailsPanel::fillProblems(const CollectionRow& row)
{
    QStringList reasons;
    for (const store::ProblemRecord& problem : row.problems)
        reasons += fromUtf8(problem.reason);
    m_problems->setText(reasons.join(QLatin1Char('\n')));
    m_problems->setVisible(!reasons.isEmpty());
}

void DetailsPanel::loadCaptions(const std::filesystem::path& project)
{
    m_captionsModel.clear();
    const bool any = m_row.isImported() && m_row.captions > 0;
    m_captions->setVisible(any);
    m_captionsTitle->setText(any ? counted(m_row.captions, tr("caption"), tr("captions"))
            : m_row.isImported() ? tr("No captions")
                                 : QString());
    layout()->invalidate();
    if (!any)
        return;
    m_lane.run(
        [project, id = m_row.video.id](
            std::stop_token) -> Result<std::vector<store::CaptionRecord>> {
            CLIP_TRY_ASSIGN(const store::Project opened,
                store::Project::open(project, store::Access::ReadOnly));
            return opened.catalogue().captions(id);
        },
        [this](Result<std::vector<store::CaptionRecord>> captions) {
            if (!captions) {
                Q_EMIT failed(captions.error());
                return;
            }
            for (const store::CaptionRecord& caption : *captions) {
                auto* item = new QStandardItem(fromUtf8(caption.text));
                item->setData(caption.startSeconds, startRole);
                item->setToolTip(fromUtf8(caption.text));
                m_captionsModel.appendRow(item);
            }
        });
}

} // namespace clipscope::studio
