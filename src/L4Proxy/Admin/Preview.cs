using L4Proxy.Configuration;
using L4Proxy.Explain;

namespace L4Proxy.Admin;

/// <summary>Judges what is alive by what is not in force.</summary>
internal static class Preview
{
    public static async Task<PreviewReply> OfAsync(PreviewRequest request, AdminSources sources)
    {
        var options = sources.Options();
        var action = OptionKey.Word(options.Mesh.OnPolicyChange);
        var candidate = Candidate.OfTexts(request.Resources.Select(file => (file.Name, file.Text)), options);
        string[] errors = [.. candidate.Errors.Select(error => error.ToString())];
        string[] warnings = [.. candidate.Warnings.Select(warning => warning.ToString())];
        var impact = candidate.Model is { } model ? await sources.Impact(model) : new CandidateImpact(0, 0, []);
        return new PreviewReply(errors, warnings, impact.Judged, impact.Affected, options.Mesh.PolicyDryRun, action, impact.Denied);
    }
}
