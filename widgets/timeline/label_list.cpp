#include "widgets/timeline/label_list.h"

#include "widgets/common/format.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/timeline/label_list_model.h"

#include <QColorDialog>
#include <QDoubleSpinBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr int narrowestName = 100, widestName = 136; // the wordings have the rest
constexpr int rowHeight = 28;
constexpr int namedColours = 8;
constexpr int trackWidth = 60;
constexpr int keyLetters = 1;

/// Swatches, keys, and sliders that are dragged in place.
class LabelDelegate final : public QStyledItemDelegate
{
public:
    LabelDelegate(LabelListModel& model, QObject* parent)
        : QStyledItemDelegate(parent)
        , m_model(model)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        if (index.column() == LabelListModel::Colour)
            paintSwatch(*painter, option, index);
        else if (index.column() == LabelListModel::Threshold && m_model.thresholds())
            paintSlider(*painter, option, index);
        else
            QStyledItemDelegate::paint(painter, option, index);
        if (!(option.state & QStyle::State_HasFocus))
            return;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(tokens(option.palette).accent, 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5), 3.0, 3.0);
        painter->restore();
    }

    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        option->state &= ~QStyle::State_HasFocus; // painted by ourselves
        if (index.column() == LabelListModel::Name)
            option->text.prepend(
                QString(index.data(LabelListModel::DepthRole).toInt(), QChar(0x2003))); // em space
        if (index.column() == LabelListModel::Wordings || index.column() == LabelListModel::Seconds)
            option->palette.setColor(QPalette::Text, tokens(option->palette).secondary);
    }

    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        if (index.column() == LabelListModel::Threshold && m_model.thresholds()) {
            auto* box = new QDoubleSpinBox(parent);
            box->setDecimals(3);
            box->setRange(m_model.thresholds()->lowest, m_model.thresholds()->highest);
            box->setSingleStep((box->maximum() - box->minimum()) / 100.0);
            box->setFrame(false);
            return box;
        }
        QWidget* editor = QStyledItemDelegate::createEditor(parent, option, index);
        if (auto* line = qobject_cast<QLineEdit*>(editor); line) {
            if (index.column() == LabelListModel::Key)
                line->setMaxLength(keyLetters);
            if (index.column() == LabelListModel::Wordings)
                line->setPlaceholderText(LabelList::tr("pour water | fill the cup"));
        }
        return editor;
    }

    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
        const QModelIndex& index) override
    {
        const bool press = event->type() == QEvent::MouseButtonPress;
        const bool drag = event->type() == QEvent::MouseMove;
        if (index.column() != LabelListModel::Threshold || !m_model.thresholds()
            || !(press || drag))
            return QStyledItemDelegate::editorEvent(event, model, option, index);
        const auto* mouse = static_cast<QMouseEvent*>(event);
        if (!(mouse->buttons() & Qt::LeftButton))
            return false;
        const QRect track = trackOf(option.rect);
        const double share
            = std::clamp((mouse->position().x() - track.left()) / track.width(), 0.0, 1.0);
        const auto& range = *m_model.thresholds();
        m_model.setThreshold(index.row(), range.lowest + share * (range.highest - range.lowest));
        return true;
    }

private:
    static QRect trackOf(const QRect& cell)
    {
        return { cell.left() + space::s, cell.center().y() - 1, trackWidth, 3 };
    }

    static void paintBackground(QPainter& painter, const QStyleOptionViewItem& option)
    {
        if (option.state & QStyle::State_Selected)
            painter.fillRect(option.rect, tokens(option.palette).accentTint);
    }

    void paintSwatch(
        QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
    {
        paintBackground(painter, option);
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(tokens(option.palette).strongBorder, 1.0));
        painter.setBrush(index.data(Qt::DecorationRole).value<QColor>());
        QRectF square(0.0, 0.0, 13.0, 13.0);
        square.moveCenter(QRectF(option.rect).center() + QPointF(3.0, 0.0));
        painter.drawRoundedRect(square, 3.0, 3.0);
        painter.restore();
    }

    void paintSlider(
        QPainter& painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
    {
        const Tokens& theme = tokens(option.palette);
        paintBackground(painter, option);
        const auto& range = *m_model.thresholds();
        const bool own = index.data(LabelListModel::OwnThresholdRole).toBool();
        const double value = index.data(LabelListModel::ThresholdRole).toDouble();
        const double width = std::max(range.highest - range.lowest, 1e-9);
        const double share = std::clamp((value - range.lowest) / width, 0.0, 1.0);
        const QRectF track = trackOf(option.rect);
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.border);
        painter.drawRoundedRect(track, 1.5, 1.5);
        painter.setBrush(own ? theme.accent : theme.strongBorder);
        painter.drawRoundedRect(
            QRectF(track.topLeft(), QSizeF(track.width() * share, track.height())), 1.5, 1.5);
        painter.setPen(QPen(own ? theme.accent : theme.strongBorder, 1.5));
        painter.setBrush(theme.raised);
        painter.drawEllipse(
            QPointF(track.left() + track.width() * share, track.center().y()), 4.5, 4.5);
        painter.setPen(own ? theme.text : theme.secondary);
        painter.setFont(typeface(TypeSize::Secondary));
        painter.drawText(option.rect.adjusted(0, 0, -space::s, 0),
            Qt::AlignVCenter | Qt::AlignRight, QString::number(value, 'f', 2));
        painter.restore();
    }

    LabelListModel& m_model;
};

QIcon colourIcon(const QColor& colour)
{
    QPixmap pixmap(32, 32);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRoundedRect(4, 4, 24, 24, 6.0, 6.0);
    return pixmap;
}

QStringList colourNames()
{
    return { LabelList::tr("Blue"), LabelList::tr("Orange"), LabelList::tr("Green"),
        LabelList::tr("Pink"), LabelList::tr("Sky blue"), LabelList::tr("Vermilion"),
        LabelList::tr("Yellow"), LabelList::tr("Grey") };
}

} // namespace

struct LabelList::Impl : QObject
{
    explicit Impl(LabelList& owner)
        : list(owner)
        , model(this)
    {
    }

    QString nameAt(int row) const
    {
        return model.index(row, LabelListModel::Name).data().toString();
    }
    int currentRow() const { return table->currentIndex().row(); }
    void makeTable();
    void makeBar(QVBoxLayout& layout);
    void complain(const QString& text)
    {
        problem->setText(text);
        problem->setVisible(!text.isEmpty());
    }
    void add();
    void removeCurrent();
    void move(int step);
    void chooseColour(int row, const QPoint& global);
    void showMenu(const QPoint& at);
    void enable();
    bool eventFilter(QObject* watched, QEvent* event) override;
    bool key(const QKeyEvent& event, bool act);

    LabelList& list;
    LabelListModel model;
    QTableView* table = nullptr;
    QToolButton* addButton = nullptr;
    QToolButton* removeButton = nullptr;
    QLabel* problem = nullptr;
};

void LabelList::Impl::makeTable()
{
    table = new QTableView(&list);
    table->setObjectName(QStringLiteral("labelTable"));
    table->setAccessibleName(LabelList::tr("Labels"));
    table->setModel(&model);
    table->setItemDelegate(new LabelDelegate(model, this));
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
    table->setDragDropMode(QAbstractItemView::InternalMove);
    table->setDragDropOverwriteMode(false);
    table->setDropIndicatorShown(true);
    table->setTabKeyNavigation(false);
    table->setWordWrap(false);
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(rowHeight);
    QHeaderView* header = table->horizontalHeader();
    header->setHighlightSections(false);
    header->setMinimumSectionSize(28);
    header->setSectionResizeMode(LabelListModel::Wordings, QHeaderView::Stretch);
    for (const auto& [column, width] :
        { std::pair(LabelListModel::Colour, 36), std::pair(LabelListModel::Key, 52),
            std::pair(LabelListModel::Seconds, 60), std::pair(LabelListModel::Threshold, 116) })
        header->resizeSection(column, width);
    table->setColumnHidden(LabelListModel::Threshold, true);
    table->installEventFilter(this);
    connect(table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex& now) {
            enable();
            Q_EMIT list.currentLabelChanged(nameAt(now.row()));
        });
    connect(table, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (index.column() == LabelListModel::Colour)
            chooseColour(
                index.row(), table->viewport()->mapToGlobal(table->visualRect(index).bottomLeft()));
    });
    connect(table, &QTableView::customContextMenuRequested, this,
        [this](const QPoint& at) { showMenu(at); });
}

void LabelList::Impl::makeBar(QVBoxLayout& layout)
{
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(space::s, space::xs, space::s, space::xs);
    bar->setSpacing(space::xs);
    addButton = new QToolButton(&list);
    addButton->setObjectName(QStringLiteral("addLabel"));
    addButton->setText(LabelList::tr("Add Label"));
    addButton->setIcon(icon(Icon::Add));
    addButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    addButton->setAutoRaise(true);
    removeButton = new QToolButton(&list);
    removeButton->setObjectName(QStringLiteral("removeLabel"));
    removeButton->setText(LabelList::tr("Remove"));
    removeButton->setAutoRaise(true);
    problem = new QLabel(&list);
    problem->setObjectName(QStringLiteral("labelProblem"));
    problem->setWordWrap(true);
    problem->hide();
    bar->addWidget(addButton);
    bar->addWidget(removeButton);
    bar->addWidget(problem, 1);
    bar->addStretch();
    layout.addLayout(bar);
    connect(addButton, &QToolButton::clicked, this, [this] { add(); });
    connect(removeButton, &QToolButton::clicked, this, [this] { removeCurrent(); });
}

void LabelList::Impl::enable()
{
    removeButton->setEnabled(currentRow() >= 0);
    removeButton->setToolTip(currentRow() >= 0 ? LabelList::tr("Segments keep their labels.")
                                               : LabelList::tr("Choose a label first."));
}

void LabelList::Impl::add()
{
    complain({});
    const QModelIndex index = model.index(model.addLabel(), LabelListModel::Name);
    table->setCurrentIndex(index);
    table->setFocus();
    table->edit(index);
}

void LabelList::Impl::removeCurrent()
{
    complain({});
    if (currentRow() >= 0)
        model.removeRows(currentRow(), 1);
}

void LabelList::Impl::move(int step)
{
    const int row = currentRow();
    if (row >= 0)
        model.moveRows({}, row, 1, {}, step < 0 ? row - 1 : row + 2);
}

void LabelList::Impl::chooseColour(int row, const QPoint& global)
{
    auto* menu = new QMenu(table);
    menu->setObjectName(QStringLiteral("colourMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool dark = tokens(table).dark;
    menu->addAction(colourIcon(seriesColour(row, dark)), LabelList::tr("By Position"), this,
        [this, row] { model.setColour(row, std::nullopt); });
    menu->addSeparator();
    const QStringList names = colourNames();
    for (int i = 0; i < namedColours; ++i) {
        // The last one is black in one theme and white in the other: neither is kept for both.
        const QColor colour
            = i + 1 < namedColours ? seriesColour(i, false) : tokens(table).disabled;
        menu->addAction(colourIcon(colour), names[i], this,
            [this, row, colour] { model.setColour(row, colour.rgb() & 0xffffffU); });
    }
    menu->addSeparator();
    menu->addAction(LabelList::tr("Other Colour..."), this, [this, row] {
        auto* dialog = new QColorDialog(
            model.index(row, LabelListModel::Colour).data(Qt::DecorationRole).value<QColor>(),
            table);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &QColorDialog::colorSelected, this, [this, row](const QColor& colour) {
            if (row < model.rowCount())
                model.setColour(row, colour.rgb() & 0xffffffU);
        });
        dialog->open();
    });
    menu->popup(global);
}

void LabelList::Impl::showMenu(const QPoint& at)
{
    const int row = currentRow();
    if (row < 0)
        return;
    auto* menu = new QMenu(table);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QPoint global = table->viewport()->mapToGlobal(at);
    menu->addAction(LabelList::tr("Give to Selection"), this,
        [this, row] { Q_EMIT list.labelChosen(nameAt(row)); });
    menu->addAction(LabelList::tr("Rename"), this,
        [this, row] { table->edit(model.index(row, LabelListModel::Name)); });
    menu->addAction(LabelList::tr("Edit Wordings"), this,
        [this, row] { table->edit(model.index(row, LabelListModel::Wordings)); });
    menu->addAction(
        LabelList::tr("Colour..."), this, [this, row, global] { chooseColour(row, global); });
    QMenu* parents = menu->addMenu(LabelList::tr("Part Of"));
    parents->addAction(
        LabelList::tr("Nothing"), this, [this, row] { model.setParentLabel(row, {}); });
    const QStringList names = model.possibleParents(row);
    for (const QString& name : names)
        parents->addAction(name, this, [this, row, name] { model.setParentLabel(row, name); });
    menu->addSeparator();
    menu->addAction(LabelList::tr("Move Up"), this, [this] { move(-1); })->setEnabled(row > 0);
    menu->addAction(LabelList::tr("Move Down"), this, [this] { move(1); })
        ->setEnabled(row + 1 < model.rowCount());
    menu->addAction(LabelList::tr("Remove"), this, [this] { removeCurrent(); });
    menu->popup(global);
}

bool LabelList::Impl::key(const QKeyEvent& event, bool act)
{
    const bool alt = event.modifiers() == Qt::AltModifier;
    const int row = currentRow();
    switch (event.key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
        if (!alt || row < 0)
            return false;
        if (act)
            move(event.key() == Qt::Key_Up ? -1 : 1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (row < 0)
            return false;
        if (act)
            Q_EMIT list.labelChosen(nameAt(row));
        return true;
    case Qt::Key_Delete:
        if (row < 0)
            return false;
        if (act && table->currentIndex().column() == LabelListModel::Threshold)
            model.setThreshold(row, std::nullopt);
        else if (act)
            removeCurrent();
        return true;
    case Qt::Key_Space:
        if (row < 0 || table->currentIndex().column() != LabelListModel::Colour)
            return false;
        if (act)
            chooseColour(row,
                table->viewport()->mapToGlobal(
                    table->visualRect(table->currentIndex()).bottomLeft()));
        return true;
    default:
        return false;
    }
}

bool LabelList::Impl::eventFilter(QObject* watched, QEvent* event)
{
    // Before the page's shortcuts, which have other uses for some of these keys.
    const bool override = event->type() == QEvent::ShortcutOverride;
    if (watched == table && (override || event->type() == QEvent::KeyPress)
        && key(*static_cast<QKeyEvent*>(event), !override)) {
        event->accept();
        return true;
    }
    return QObject::eventFilter(watched, event);
}

LabelList::LabelList(QWidget* parent)
    : QWidget(parent)
    , m_impl(std::make_unique<Impl>(*this))
{
    setObjectName(QStringLiteral("labelList"));
    setProperty("part", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    m_impl->makeTable();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_impl->table, 1);
    m_impl->makeBar(*layout);
    m_impl->enable();
    setFocusProxy(m_impl->table);
    connect(&m_impl->model, &LabelListModel::edited, this, [this](const labels::LabelSet& set) {
        m_impl->complain({});
        Q_EMIT labelSetEdited(set);
    });
    connect(&m_impl->model, &LabelListModel::refused, this,
        [this](const QString& why) { m_impl->complain(why); });
}

LabelList::~LabelList() = default;

void LabelList::setLabelSet(const labels::LabelSet& set)
{
    const QString current = currentLabel();
    m_impl->model.setLabelSet(set);
    const QAbstractItemView& view = *m_impl->table; // the table's own hint is protected
    m_impl->table->horizontalHeader()->resizeSection(LabelListModel::Name,
        std::clamp(view.sizeHintForColumn(LabelListModel::Name), narrowestName, widestName));
    setCurrentLabel(current);
    m_impl->enable();
}

const labels::LabelSet& LabelList::labelSet() const
{
    return m_impl->model.labelSet();
}

void LabelList::setSeconds(const QHash<QString, double>& seconds)
{
    m_impl->model.setSeconds(seconds);
}

void LabelList::setThresholds(std::optional<Thresholds> thresholds)
{
    m_impl->model.setThresholds(thresholds);
    m_impl->table->setColumnHidden(LabelListModel::Threshold, !thresholds);
}

QString LabelList::currentLabel() const
{
    return m_impl->nameAt(m_impl->currentRow());
}

void LabelList::setCurrentLabel(const QString& name)
{
    for (int row = 0; row < m_impl->model.rowCount(); ++row)
        if (m_impl->nameAt(row) == name && row != m_impl->currentRow())
            m_impl->table->setCurrentIndex(m_impl->model.index(row, LabelListModel::Name));
}

} // namespace clipscope::widgets
