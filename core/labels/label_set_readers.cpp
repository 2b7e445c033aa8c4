#include "labels/label_set_readers.h"

#include "labels/label_json.h"
#include "text/unicode.h"

#include <algorithm>
#include <unordered_set>

namespace clipscope::labels {

namespace {

/// COIN writes its tasks as CamelCase words: "AssembleBed" means "assemble bed".
std::string spokenName(std::string_view name)
{
    std::string spoken;
    for (const char c : name) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && !spoken.empty() && spoken.back() != ' ')
            spoken += ' ';
        spoken += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return spoken;
}

/// The one task that is meant, by number or name. Errors: BadInput, names some of those there are.
Result<const Task*> chosenTask(
    const std::vector<Task>& tasks, const std::string& wanted, const std::filesystem::path& name)
{
    const std::string low = text::lowered(wanted);
    for (const Task& task : tasks)
        if (task.id == wanted || text::lowered(task.name) == low || spokenName(task.name) == low)
            return &task;
    std::string some;
    for (std::size_t at = 0; at < tasks.size() && at < 20; ++at)
        some += (at ? ", " : "") + tasks[at].name;
    return fail(ErrorKind::BadInput,
        wanted.empty() ? "The file holds " + std::to_string(tasks.size()) + " tasks: choose one."
                       : "The file has no task " + wanted + ".",
        { name, {} }, "Some of its tasks: " + some + ".");
}

LabelSetFile setOfSteps(const Task& task)
{
    LabelSetFile file;
    file.set.name = task.name;
    std::unordered_set<std::string> seen;
    for (const Step& step : task.steps) {
        if (seen.insert(step.label).second)
            file.set.labels.push_back({ step.label, {}, {}, {}, {}, step.id, {} });
        else
            file.notes.push_back("The step " + step.label + " comes twice and is taken once.");
    }
    return file;
}

} // namespace

Result<LabelSetFile> setOfTask(
    const std::vector<Task>& tasks, const std::string& wanted, const std::filesystem::path& name)
{
    if (tasks.size() == 1 && wanted.empty())
        return setOfSteps(tasks.front());
    CLIP_TRY_ASSIGN(const Task* task, chosenTask(tasks, wanted, name));
    return setOfSteps(*task);
}

LabelSetFile setOfAll(const std::vector<Task>& tasks)
{
    LabelSetFile file;
    std::unordered_set<std::string> seen;
    const auto unused = [&](std::string label, const std::string& task) {
        if (seen.contains(label))
            label += " (" + task + ")";
        for (std::size_t number = 2; !seen.insert(label).second; ++number)
            (label += ' ') += std::to_string(number);
        return label;
    };
    for (const Task& task : tasks) {
        const std::string parent = unused(task.name, "task");
        file.set.labels.push_back(
            { parent, { spokenName(task.name) }, {}, {}, {}, integerIn(task.id).value_or(0), {} });
        for (const Step& step : task.steps) {
            Label label{ unused(step.label, task.name), {}, parent, {}, {}, step.id, {} };
            if (label.name != step.label)
                label.wordings = { step.label };
            file.set.labels.push_back(std::move(label));
        }
    }
    return file;
}

Result<std::vector<Task>> readCoinTaxonomy(
    std::string_view content, const std::filesystem::path& name)
{
    CLIP_TRY_ASSIGN(const std::vector<Row> rows, rowsOf(content, ',', name));
    const CellFinder cells(rows.empty() ? Row() : rows.front());
    for (const char* column : { "target id", "target label", "action id", "action label" })
        if (!cells.has(column))
            return fail(ErrorKind::BadInput,
                std::string("The first line does not name the column \"") + column + "\".",
                { name, lineNumber(0) });
    std::vector<Task> tasks;
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t at = 1; at < rows.size(); ++at) {
        const Row& row = rows[at];
        const std::string task(cells.cell(row, "target label")), id(cells.cell(row, "target id"));
        const auto step = integerIn(cells.cell(row, "action id"));
        const std::string label(cells.cell(row, "action label"));
        if (text::isBlank(row))
            continue;
        if (task.empty() || label.empty() || !step)
            return fail(ErrorKind::BadInput, "A line lacks the task, the step or its number.",
                { name, lineNumber(row.line - 1) });
        const auto [place, isNew] = places.try_emplace(task, tasks.size());
        if (isNew)
            tasks.push_back({ id, task, {} });
        tasks[place->second].steps.push_back({ *step, label });
    }
    return tasks;
}

Result<std::vector<Task>> readCoinDatabase(
    std::string_view content, const std::filesystem::path& name)
{
    CLIP_TRY_ASSIGN(const Json root, parseJson(content, name));
    const Json& database = memberOf(root, "database");
    if (!database.is_object())
        return anotherForm(name, lineNumber(0), "\"database\" was expected");
    std::map<std::string, std::map<std::int64_t, std::string>> found; // steps by number, by task
    std::map<std::string, std::string> ids;
    for (const auto& [video, entry] : database.items()) {
        const auto task = textOf(entry, "class");
        const Json& list = memberOf(entry, "annotation");
        if (!task || !list.is_array())
            return anotherForm(
                name, "/database/" + video, "\"class\" and \"annotation\" were expected");
        if (const auto number = numberOf(entry, "recipe_type"))
            ids[*task] = shortest(*number);
        for (std::size_t at = 0; at < list.size(); ++at) {
            const auto label = textOf(list[at], "label");
            const auto id
                = integerIn(textOf(list[at], "id").value_or(dump(memberOf(list[at], "id"))));
            if (!label || !id)
                return anotherForm(name, "/database/" + video + "/annotation/" + std::to_string(at),
                    "\"id\" and \"label\" were expected");
            found[*task].try_emplace(*id, *label);
        }
    }
    std::vector<Task> tasks;
    for (const auto& [task, steps] : found) {
        tasks.push_back({ ids[task], task, {} });
        for (const auto& [id, label] : steps)
            tasks.back().steps.push_back({ id, label });
    }
    return tasks;
}

Result<std::vector<Task>> readCrossTask(std::string_view content, const std::filesystem::path& name)
{
    std::vector<Task> tasks;
    const auto lines = text::linesOf(content);
    for (std::size_t at = 0; at < lines.size();) {
        if (text::stripped(lines[at]).empty()) {
            ++at;
            continue;
        }
        if (at + 4 >= lines.size())
            return fail(ErrorKind::BadInput,
                "A task is cut short: number, title, address, number of steps and steps were "
                "expected.",
                { name, lineNumber(at) });
        Task task{ std::string(text::stripped(lines[at])),
            std::string(text::stripped(lines[at + 1])), {} };
        const auto count = integerIn(lines[at + 3]);
        for (const std::string_view step : splitAt(lines[at + 4], ","))
            task.steps.push_back(
                { static_cast<std::int64_t>(task.steps.size() + 1), std::string(step) });
        if (!count || *count != static_cast<std::int64_t>(task.steps.size()))
            return fail(ErrorKind::BadInput,
                "The task " + task.name + " has " + std::to_string(task.steps.size())
                    + " steps and announces another number.",
                { name, lineNumber(at + 3) });
        tasks.push_back(std::move(task));
        at += 5;
    }
    return tasks;
}

} // namespace clipscope::labels
