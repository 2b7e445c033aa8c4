#include "app/studio/pages/evaluate/benchmark_cards.h"

#include "app/studio/job_list.h"
#include "app/studio/pages/evaluate/evaluation_text.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"
#include "widgets/common/wrapped_text.h"

#include <QFileInfo>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;
using benchmarks::Benchmark;
using benchmarks::BenchmarkFacts;
using State = BenchmarkCard::State;

namespace {

constexpr int gap = space::m;
constexpr int leastWidth = 288;
constexpr int buttonHeight = 28;
constexpr int runWidth = 84, detailsWidth = 68;

QString referenceOf(const BenchmarkFacts& facts, const benchmarks::Figure* figure)
{
    const benchmarks::PublishedFigure* published = figure ? publishedOf(facts, figure->name)
        : facts.published.empty()                         ? nullptr
                                                          : &facts.published.front();
    if (!published)
        return {};
    const QString zeroShot = figureText(published->name, published->zeroShot);
    return published->fineTuned
        ? BenchmarkCardsModel::tr("Published: %1 zero-shot, %2 fine-tuned")
              .arg(zeroShot, figureText(published->name, *published->fineTuned))
        : BenchmarkCardsModel::tr("Published: %1 zero-shot").arg(zeroShot);
}

/// With place and hint: what to do is seldom in the message.
QString reasonOf(const Error& error)
{
    return fromUtf8(error.toString()).simplified();
}

void paintBar(QPainter& painter, const QRect& area, double fraction, const Tokens& theme)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.border);
    painter.drawRoundedRect(area, 2, 2);
    if (fraction < 0.0)
        return;
    QRectF filled = area;
    filled.setWidth(std::max(4.0, filled.width() * fraction));
    painter.setBrush(theme.accent);
    painter.drawRoundedRect(filled, 2, 2);
}

} // namespace

Tone BenchmarkCard::tone() const
{
    switch (state) {
    case State::Running:
        return Tone::Accent;
    case State::Failed:
        return Tone::Bad;
    case State::Old:
        return Tone::Warning;
    case State::Result:
        return incomplete.isEmpty() ? Tone::Good : Tone::Warning;
    default:
        return Tone::Neutral;
    }
}

QString BenchmarkCard::stateText() const
{
    switch (state) {
    case State::NotRun:
        return BenchmarkCardsModel::tr("Not run");
    case State::Running:
        return BenchmarkCardsModel::tr("Running");
    case State::Failed:
        return BenchmarkCardsModel::tr("Failed");
    case State::Old:
        return BenchmarkCardsModel::tr("Old");
    case State::Result:
        break;
    }
    return incomplete.isEmpty() ? BenchmarkCardsModel::tr("Done") : BenchmarkCardsModel::tr("Part");
}

QString BenchmarkCard::runText() const
{
    return hasResult() || state == State::Failed ? BenchmarkCardsModel::tr("Run Again")
                                                 : BenchmarkCardsModel::tr("Run");
}

QString BenchmarkCard::annotationsText() const
{
    return annotations.isEmpty() ? BenchmarkCardsModel::tr("Annotations...")
                                 : QFileInfo(annotations).fileName();
}

QString BenchmarkCard::noteText() const
{
    switch (state) {
    case State::Running:
        return progress;
    case State::Failed:
        return reason;
    case State::Old: {
        const QString old
            = BenchmarkCardsModel::tr("The checkpoint has changed since this was measured.");
        return incomplete.isEmpty() ? old : old + QLatin1Char(' ') + incomplete;
    }
    default:
        return incomplete;
    }
}

BenchmarkCard makeCard(const BenchmarkFacts& facts, const EvaluationSummary* summary,
    const JobInfo* job, const QString& annotations, const QString& whyNotRun)
{
    BenchmarkCard card;
    card.benchmark = facts.benchmark;
    card.title = fromUtf8(facts.title);
    card.question = questionText(facts.question);
    card.annotations = annotations;
    card.whyNotRun = whyNotRun;
    const benchmarks::Figure* figure = summary ? summary->mainFigure() : nullptr;
    card.reference = referenceOf(facts, figure);
    if (figure && figure->chance)
        card.chance
            = BenchmarkCardsModel::tr("Chance %1").arg(chanceText(figure->name, *figure->chance));
    if (!figure) {
        card.valueAbout = facts.published.empty()
            ? BenchmarkCardsModel::tr("No result yet")
            : BenchmarkCardsModel::tr("%1: no result yet")
                  .arg(fromUtf8(facts.published.front().name));
    } else {
        card.state = summary->isOld ? State::Old : State::Result;
        card.value = figureText(figure->name, figure->value);
        card.valueAbout = BenchmarkCardsModel::tr("%1, 95 %: %2")
                              .arg(fromUtf8(figure->name), intervalText(*figure));
        card.incomplete
            = incompleteText(summary->items, summary->itemsInBenchmark, summary->missingVideos);
    }
    if (summary && summary->error) {
        card.state = State::Failed;
        card.reason = reasonOf(*summary->error);
    }
    if (!job)
        return card;
    if (job->isActive()) {
        card.state = State::Running;
        card.progress = job->progressText();
        card.fraction = fractionOf(*job);
        card.whyNotRun = BenchmarkCardsModel::tr("It is being run.");
    } else if (job->needsAttention()
        && (!summary || static_cast<double>(summary->madeAt) < job->state.startedAt)) {
        card.state = State::Failed;
        card.reason = job->state.error ? reasonOf(*job->state.error) : job->progressText();
    }
    return card;
}

void BenchmarkCardsModel::setCards(std::vector<BenchmarkCard> cards)
{
    if (cards.size() != m_cards.size()) {
        beginResetModel();
        m_cards = std::move(cards);
        endResetModel();
        return;
    }
    for (std::size_t at = 0; at < cards.size(); ++at) {
        if (cards[at] == m_cards[at])
            continue;
        m_cards[at] = std::move(cards[at]);
        const QModelIndex changed = index(static_cast<int>(at));
        Q_EMIT dataChanged(changed, changed);
    }
}

const BenchmarkCard* BenchmarkCardsModel::at(const QModelIndex& index) const
{
    return index.isValid() ? &m_cards[static_cast<std::size_t>(index.row())] : nullptr;
}

int BenchmarkCardsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_cards.size());
}

QVariant BenchmarkCardsModel::data(const QModelIndex& index, int role) const
{
    const BenchmarkCard* card = at(index);
    if (!card)
        return {};
    if (role == Qt::DisplayRole)
        return card->title;
    if (role == Qt::ToolTipRole)
        return card->noteText();
    if (role == Qt::AccessibleTextRole) {
        QStringList lines{ card->title, card->stateText(), card->value, card->valueAbout,
            card->noteText(), card->question };
        lines.removeAll(QString());
        return lines.join(QStringLiteral(", "));
    }
    return {};
}

BenchmarkCardGeometry::BenchmarkCardGeometry(const QRect& item)
{
    card = item.adjusted(0, 0, -gap, -gap);
    const QRect inside = card.adjusted(space::l, space::l, -space::l, -space::l);
    const auto line = [&inside](int top, int lineHeight) {
        return QRect(inside.left(), top, inside.width(), lineHeight);
    };
    title = line(inside.top(), 20);
    question = line(title.bottom() + 1 + space::xs, 2 * wrappedLineHeight);
    value = line(question.bottom() + 1 + space::s, 28);
    reference = line(value.bottom() + 1 + space::xs, 2 * wrappedLineHeight);
    note = line(reference.bottom() + 1 + space::xs, 2 * wrappedLineHeight);
    run = { inside.left(), inside.bottom() + 1 - buttonHeight, runWidth, buttonHeight };
    details = { run.right() + 1 + space::s, run.top(), detailsWidth, buttonHeight };
    const int left = details.right() + 1 + space::m;
    annotations = { left, run.top(), std::max(0, inside.right() + 1 - left), buttonHeight };
}

CardPart BenchmarkCardGeometry::partAt(const QPoint& position) const
{
    return run.contains(position)        ? CardPart::Run
        : details.contains(position)     ? CardPart::Details
        : annotations.contains(position) ? CardPart::Annotations
                                         : CardPart::None;
}

int BenchmarkCardGeometry::columnsIn(int width)
{
    for (const int columns : { 6, 3, 2 })
        if (width / columns >= leastWidth + gap)
            return columns;
    return 1;
}

/// Paints cards; what lies under the mouse a little stronger.
class BenchmarkCardDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setSize(const QSize& size) { m_size = size; }
    /// True when that is something else than before.
    bool setHover(const QModelIndex& index, CardPart part)
    {
        if (index == m_hovered && part == m_part)
            return false;
        m_hovered = index;
        m_part = part;
        return true;
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return m_size;
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const auto* model = qobject_cast<const BenchmarkCardsModel*>(index.model());
        const BenchmarkCard* card = model ? model->at(index) : nullptr;
        if (!card)
            return;
        const Tokens& theme = tokens(option.palette);
        const BenchmarkCardGeometry place(option.rect);
        const bool selected = option.state & QStyle::State_Selected;
        const bool focused = selected && (option.state & QStyle::State_HasFocus);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setBrush(theme.panel);
        painter->setPen(QPen(focused ? theme.accent
                : selected           ? theme.strongBorder
                                     : theme.border,
            focused ? 2.0 : 1.0));
        const double inset = focused ? 1.0 : 0.5;
        painter->drawRoundedRect(
            QRectF(place.card).adjusted(inset, inset, -inset, -inset), cardRadius, cardRadius);
        paintHead(*painter, place, *card, option.palette);
        paintValue(*painter, place, *card, theme);
        paintNote(*painter, place, *card, theme);
        const CardPart part = index == m_hovered ? m_part : CardPart::None;
        paintButton(*painter, place.run, card->runText(), card->whyNotRun.isEmpty(),
            part == CardPart::Run, theme);
        paintButton(*painter, place.details, BenchmarkCardsModel::tr("Details"), true,
            part == CardPart::Details, theme);
        painter->setFont(typeface(TypeSize::Secondary));
        QFont link = painter->font();
        link.setUnderline(part == CardPart::Annotations);
        painter->setFont(link);
        painter->setPen(part == CardPart::Annotations || card->annotations.isEmpty()
                ? theme.accent
                : theme.secondary);
        painter->drawText(place.annotations, Qt::AlignRight | Qt::AlignVCenter,
            painter->fontMetrics().elidedText(
                card->annotationsText(), Qt::ElideMiddle, place.annotations.width()));
        painter->restore();
    }

private:
    static void paintHead(QPainter& painter, const BenchmarkCardGeometry& place,
        const BenchmarkCard& card, const QPalette& palette)
    {
        const Tokens& theme = tokens(palette);
        const int chip
            = QFontMetrics(typeface(TypeSize::Secondary)).horizontalAdvance(card.stateText())
            + 2 * space::s - 2;
        QRect area = place.title;
        area.setLeft(area.right() + 1 - chip);
        paintChip(painter, area, card.stateText(), card.tone(), palette);
        painter.setFont(typeface(TypeSize::Base, true));
        painter.setPen(theme.text);
        const int room = place.title.width() - chip - space::s;
        painter.drawText(place.title, Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(card.title, Qt::ElideRight, room));
        painter.setFont(typeface(TypeSize::Secondary));
        painter.setPen(theme.secondary);
        drawWrapped(painter, place.question, card.question);
    }

    static void paintValue(QPainter& painter, const BenchmarkCardGeometry& place,
        const BenchmarkCard& card, const Tokens& theme)
    {
        QRect about = place.value;
        if (card.hasResult()) {
            painter.setFont(typeface(TypeSize::PageTitle, true));
            painter.setPen(card.state == State::Old ? theme.secondary : theme.text);
            painter.drawText(place.value, Qt::AlignLeft | Qt::AlignVCenter, card.value);
            about.adjust(painter.fontMetrics().horizontalAdvance(card.value) + space::s, 3, 0, 3);
        }
        painter.setFont(typeface(TypeSize::Secondary));
        painter.setPen(theme.secondary);
        painter.drawText(about, Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(card.valueAbout, Qt::ElideRight, about.width()));
        QRect line = place.reference;
        line.setHeight(wrappedLineHeight);
        for (const QString& each : { card.reference, card.chance }) {
            painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                painter.fontMetrics().elidedText(each, Qt::ElideRight, line.width()));
            line.translate(0, wrappedLineHeight);
        }
    }

    static void paintNote(QPainter& painter, const BenchmarkCardGeometry& place,
        const BenchmarkCard& card, const Tokens& theme)
    {
        QRect area = place.note;
        if (card.state == State::Running) {
            paintBar(
                painter, QRect(area.left(), area.top() + 4, area.width(), 4), card.fraction, theme);
            area.setTop(area.top() + wrappedLineHeight);
        }
        painter.setFont(typeface(TypeSize::Secondary));
        painter.setPen(card.state == State::Failed ? theme.bad
                : card.state == State::Running     ? theme.secondary
                                                   : theme.warning);
        drawWrapped(painter, area, card.noteText());
    }

    static void paintButton(QPainter& painter, const QRect& area, const QString& text, bool enabled,
        bool hovered, const Tokens& theme)
    {
        painter.setPen(QPen(enabled && hovered ? theme.strongBorder : theme.border, 1.0));
        painter.setBrush(enabled ? QBrush(theme.raised) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(
            QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), cardRadius, cardRadius);
        painter.setFont(typeface(TypeSize::Base));
        painter.setPen(enabled ? theme.text : theme.disabled);
        painter.drawText(area, Qt::AlignCenter, text);
    }

    QSize m_size{ leastWidth, BenchmarkCardGeometry::height };
    QPersistentModelIndex m_hovered;
    CardPart m_part = CardPart::None;
};

BenchmarkCards::BenchmarkCards(QWidget* parent)
    : QListView(parent)
    , m_delegate(new BenchmarkCardDelegate(this))
{
    setObjectName(QStringLiteral("benchmarkCards"));
    setAccessibleName(tr("Benchmarks"));
    setModel(&m_model);
    setItemDelegate(m_delegate);
    setUniformItemSizes(true);
    setFlow(QListView::LeftToRight);
    setWrapping(true);
    setResizeMode(QListView::Adjust);
    setMovement(QListView::Static);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMouseTracking(true);
}

void BenchmarkCards::setCards(std::vector<BenchmarkCard> cards)
{
    m_model.setCards(std::move(cards));
    if (!currentIndex().isValid() && m_model.rowCount() > 0)
        setCurrentIndex(m_model.index(0));
    reflow();
}

void BenchmarkCards::setCurrent(Benchmark benchmark)
{
    for (int row = 0; row < m_model.rowCount(); ++row)
        if (m_model.at(m_model.index(row))->benchmark == benchmark)
            setCurrentIndex(m_model.index(row));
}

CardPart BenchmarkCards::partAt(const QPoint& position) const
{
    const QModelIndex index = indexAt(position);
    return index.isValid() ? BenchmarkCardGeometry(visualRect(index)).partAt(position)
                           : CardPart::None;
}

void BenchmarkCards::ask(CardPart part, Benchmark benchmark)
{
    if (part == CardPart::Run)
        Q_EMIT runRequested(benchmark);
    else if (part == CardPart::Details)
        Q_EMIT detailsRequested(benchmark);
    else if (part == CardPart::Annotations)
        Q_EMIT annotationsRequested(benchmark);
}

void BenchmarkCards::mousePressEvent(QMouseEvent* event)
{
    QListView::mousePressEvent(event);
    const QPoint position = event->position().toPoint();
    if (const BenchmarkCard* card = m_model.at(indexAt(position));
        card && event->button() == Qt::LeftButton)
        ask(partAt(position), card->benchmark);
}

void BenchmarkCards::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QPoint position = event->position().toPoint();
    const BenchmarkCard* card = m_model.at(indexAt(position));
    if (card && event->button() == Qt::LeftButton && partAt(position) == CardPart::None)
        Q_EMIT detailsRequested(card->benchmark);
}

void BenchmarkCards::mouseMoveEvent(QMouseEvent* event)
{
    QListView::mouseMoveEvent(event);
    const QPoint position = event->position().toPoint();
    const CardPart part = partAt(position);
    if (m_delegate->setHover(indexAt(position), part)) {
        viewport()->setCursor(
            part == CardPart::Annotations ? Qt::PointingHandCursor : Qt::ArrowCursor);
        viewport()->update();
    }
}

void BenchmarkCards::leaveEvent(QEvent* event)
{
    QListView::leaveEvent(event);
    if (m_delegate->setHover({}, CardPart::None))
        viewport()->update();
}

bool BenchmarkCards::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QListView::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const BenchmarkCard* card = m_model.at(indexAt(help->pos()));
    QString text;
    if (card)
        switch (partAt(help->pos())) {
        case CardPart::Run:
            text = card->whyNotRun.isEmpty() ? tr("Evaluate the checkpoint (R)") : card->whyNotRun;
            break;
        case CardPart::Details:
            text = tr("Figures and items (Enter)");
            break;
        case CardPart::Annotations:
            text = card->annotations.isEmpty()
                ? fromUtf8(benchmarks::factsOf(card->benchmark).files)
                : tr("%1\nChoose others").arg(card->annotations);
            break;
        case CardPart::None:
            text = card->noteText();
        }
    QToolTip::showText(help->globalPos(), text, this);
    return true;
}

void BenchmarkCards::resizeEvent(QResizeEvent* event)
{
    QListView::resizeEvent(event);
    reflow();
}

void BenchmarkCards::reflow()
{
    const int columns = BenchmarkCardGeometry::columnsIn(viewport()->width());
    const int rows = (m_model.rowCount() + columns - 1) / columns;
    // A pixel less: a row that is as wide as the list is one too many for it.
    m_delegate->setSize({ (viewport()->width() - 1) / columns, BenchmarkCardGeometry::height });
    setFixedHeight(std::max(1, rows) * BenchmarkCardGeometry::height);
    scheduleDelayedItemsLayout();
}

} // namespace clipscope::studio
