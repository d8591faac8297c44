using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace L4Proxy.Telemetry;

/// <summary>
/// Whether this proxy should be given work: only while every condition is ok. Each condition is set by the part that knows it, from
/// any thread; turning ready or not is logged once per turn.
/// </summary>
internal sealed class Readiness(ILogger logger)
{
    private readonly Lock _gate = new();
    private ImmutableArray<Condition> _conditions = [];
    private bool _isReady;

    /// <summary>Every condition, in the order they were added.</summary>
    public ImmutableArray<Condition> Conditions => _conditions;

    /// <summary>False as well while there is no condition at all: nobody has said yet that anything works.</summary>
    public bool IsReady => Volatile.Read(ref _isReady);

    /// <summary>Adds a condition. It counts at once.</summary>
    /// <param name="name">One word, as printed by <c>/readyz</c>.</param>
    /// <param name="failing">Why it is not ok yet; null if it is ok from the start.</param>
    public Condition Add(string name, string? failing)
    {
        var condition = new Condition(this, name, failing);
        lock (_gate)
        {
            _conditions = _conditions.Add(condition);
        }
        Judge();
        return condition;
    }

    private void Judge()
    {
        lock (_gate)
        {
            var reasons = string.Join("; ", _conditions.Where(condition => !condition.IsOk));
            var isReady = reasons.Length == 0 && _conditions.Length > 0;
            if (isReady == _isReady)
            {
                return;
            }
            Volatile.Write(ref _isReady, isReady);
            if (isReady)
            {
                logger.Ready();
            }
            else
            {
                logger.NotReady(reasons);
            }
        }
    }

    /// <summary>One thing that must be right for the proxy to be ready.</summary>
    internal sealed class Condition
    {
        private readonly Readiness _owner;
        private State _state;

        internal Condition(Readiness owner, string name, string? failing)
        {
            _owner = owner;
            Name = name;
            _state = new State(failing is null, failing);
        }

        public string Name { get; }

        public bool IsOk => _state.IsOk;

        /// <summary>It is right.</summary>
        /// <param name="remark">What a reader of <c>/readyz?verbose</c> should know all the same: that the last reload
        /// was rejected, say.</param>
        public void Ok(string? remark = null) => Set(new State(true, remark));

        /// <summary>It is not right, and the proxy is not ready.</summary>
        /// <param name="reason">What is wrong, and what would do.</param>
        public void Failing(string reason) => Set(new State(false, reason));

        /// <summary><c>name: reason</c>, or the name alone.</summary>
        public override string ToString() => Text(Volatile.Read(ref _state));

        /// <summary>One line as Kubernetes' API server prints it: <c>[+]name ok</c>, <c>[-]name failing: reason</c>.</summary>
        public string Verbose()
        {
            var state = Volatile.Read(ref _state);
            var mark = state.IsOk ? $"[+]{Name} ok" : $"[-]{Name} failing";
            return state.Text is null ? mark : $"{mark}: {state.Text}";
        }

        private string Text(State state) => state.Text is null ? Name : $"{Name}: {state.Text}";

        private void Set(State state)
        {
            Volatile.Write(ref _state, state);
            _owner.Judge();
        }

        private sealed record State(bool IsOk, string? Text);
    }
}
