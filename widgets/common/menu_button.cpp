#include "widgets/common/menu_button.h"

#include "widgets/common/icons.h"

#include <QMenu>
#include <QToolButton>

namespace clipscope::widgets {

QToolButton* menuButton(const QString& objectName, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setObjectName(objectName);
    button->setProperty("part", QStringLiteral("menubutton"));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setLayoutDirection(Qt::RightToLeft); // the chevron stands behind the text
    button->setIcon(icon(Icon::ChevronDown));
    button->setIconSize({ 14, 14 });
    button->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(button);
    menu->setLayoutDirection(parent->layoutDirection()); // only the button is turned round
    button->setMenu(menu);
    return button;
}

} // namespace clipscope::widgets
