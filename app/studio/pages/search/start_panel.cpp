#include "app/studio/pages/search/start_panel.h"

#include "widgets/common/icons.h"
#include "widgets/common/theme.h"

#include <QLabel>
#include <QLayoutItem>
#include <QPushButton>
#include <QVBoxLayout>

namespace clipscope::studio {

namespace space = widgets::space;

namespace {

constexpr int columnWidth = 440;

} // namespace

StartPanel::StartPanel(QWidget* parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Queries to start with"));
    auto* title = new QLabel(tr("What should be in the picture?"), this);
    title->setFont(widgets::typeface(widgets::TypeSize::Section, true));
    auto* sentence = new QLabel(tr("Type a few words above; results appear as you type."), this);
    sentence->setProperty("role", QStringLiteral("secondary"));
    sentence->setWordWrap(true);

    auto* column = new QVBoxLayout;
    column->setSpacing(space::xs);
    column->addStretch(2);
    column->addWidget(title);
    column->addWidget(sentence);
    m_suggestions = addGroup(column, tr("Try"));
    m_pinned = addGroup(column, tr("Pinned"));
    m_recent = addGroup(column, tr("Recent"));
    column->addStretch(3);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(space::xl, space::xl, space::xl, space::xl);
    row->addStretch(1);
    auto* middle = new QWidget(this);
    middle->setMaximumWidth(columnWidth);
    middle->setLayout(column);
    row->addWidget(middle, 100);
    row->addStretch(1);
}

StartPanel::Group StartPanel::addGroup(QVBoxLayout* column, const QString& heading)
{
    Group group;
    group.box = new QWidget(this);
    auto* layout = new QVBoxLayout(group.box);
    layout->setContentsMargins(0, space::l, 0, 0);
    layout->setSpacing(space::xs);
    auto* label = new QLabel(heading, group.box);
    label->setFont(widgets::typeface(widgets::TypeSize::Secondary, true));
    label->setProperty("role", QStringLiteral("secondary"));
    layout->addWidget(label);
    group.buttons = new QVBoxLayout;
    group.buttons->setSpacing(0);
    layout->addLayout(group.buttons);
    group.box->hide();
    column->addWidget(group.box);
    return group;
}

void StartPanel::setQueries(
    const QStringList& suggestions, const QStringList& pinned, const QStringList& recent)
{
    fill(m_suggestions, suggestions, widgets::Icon::Search);
    fill(m_pinned, pinned, widgets::Icon::Pin);
    fill(m_recent, recent, widgets::Icon::Clock);
}

void StartPanel::fill(Group& group, const QStringList& queries, widgets::Icon icon)
{
    if (queries == group.shown)
        return;
    group.shown = queries;
    while (QLayoutItem* item = group.buttons->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const QString& query : queries) {
        auto* button = new QPushButton(widgets::icon(icon), {}, this);
        button->setText(button->fontMetrics().elidedText(query, Qt::ElideRight, columnWidth - 64));
        button->setAccessibleName(tr("Search for %1").arg(query));
        button->setProperty("flat", true);
        button->setStyleSheet(QStringLiteral("text-align: left; padding-left: 0;"));
        connect(button, &QPushButton::clicked, this, [this, query] { Q_EMIT queryChosen(query); });
        group.buttons->addWidget(button);
    }
    group.box->setVisible(!queries.isEmpty());
}

} // namespace clipscope::studio
