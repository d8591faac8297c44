namespace L4Proxy.Resources;

/// <summary>
/// Cuts a file into its YAML documents without parsing it: a line that begins with three dashes begins a document wherever it stands,
/// even inside a quoted text (YAML 1.2 §9.1.2), so that each can be judged, and remembered, by itself.
/// </summary>
internal static class DocumentSplit
{
    /// <returns>Each document's text, from its line of dashes on, with the number of lines above it. Those without content are left out.</returns>
    public static List<(Range Text, int LinesBefore)> Of(ReadOnlySpan<char> text)
    {
        var documents = new List<(Range, int)>();
        int start = 0, startLine = 0, line = 0;
        var (hasContent, hasMarker) = (false, false);
        for (var at = 0; at < text.Length; line++)
        {
            var end = text[at..].IndexOf('\n');
            end = end < 0 ? text.Length : at + end + 1;
            var current = text[at..end];
            if (IsMarker(current, "---"))
            {
                if (hasContent)
                {
                    documents.Add((start..at, startLine));
                }
                if (hasContent || hasMarker)
                {
                    (start, startLine) = (at, line);
                }
                (hasContent, hasMarker) = (HasContent(current[3..]), true);
            }
            else if (IsMarker(current, "..."))
            {
                if (hasContent)
                {
                    documents.Add((start..at, startLine));
                }
                (start, startLine, hasContent, hasMarker) = (end, line + 1, false, false);
            }
            else
            {
                hasContent |= HasContent(current);
            }
            at = end;
        }
        if (hasContent)
        {
            documents.Add((start..text.Length, startLine));
        }
        return documents;
    }

    // A directive (%YAML) belongs to the document whose dashes come next.
    private static bool HasContent(ReadOnlySpan<char> line) => line.TrimStart(" \t\r\n") is not ("" or ['#', ..]) && line is not ['%', ..];

    private static bool IsMarker(ReadOnlySpan<char> line, string marker) =>
        line.StartsWith(marker, StringComparison.Ordinal) && (line.Length == 3 || line[3] is ' ' or '\t' or '\r' or '\n');
}
