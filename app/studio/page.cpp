#include "app/studio/page.h"

#include "widgets/common/theme.h"

#include <QFrame>
#include <QLabel>
#include <QVBoxLayout>

namespace clipscope::studio {

QLabel* Page::titleLabel(QWidget* header) const
{
    auto* label = new QLabel(title(), header);
    label->setFont(widgets::typeface(widgets::TypeSize::PageTitle, true));
    return label;
}

void Page::assemble(QWidget* header, QWidget* content, QWidget* footer)
{
    auto* rule = new QFrame(this);
    rule->setProperty("part", QStringLiteral("rule"));
    rule->setFixedHeight(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header);
    column->addWidget(rule);
    column->addWidget(content, 1);
    if (footer)
        column->addWidget(footer);
}

} // namespace clipscope::studio
