package dev.holdfast.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests of what others made: where that is not at hand, each of them is reported as skipped and says why. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Condition.class)
public @interface Needs {
    Class<? extends Thing> value();

    /** What others made. */
    interface Thing {
        /** Why it is not at hand; empty if it is. */
        Optional<String> missing();
    }

    /** Lets a class as a whole pass always, else its tests would not be counted: what it prepares is its own matter. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Optional<Method> method = context.getTestMethod();
            if (method.isEmpty()) {
                return ConditionEvaluationResult.enabled("a class");
            }
            return Stream.<AnnotatedElement>of(context.getRequiredTestClass(), method.get())
                    .flatMap(it -> Stream.ofNullable(it.getAnnotation(Needs.class)))
                    .flatMap(it -> make(it.value()).missing().stream())
                    .findFirst()
                    .map(ConditionEvaluationResult::disabled)
                    .orElseGet(() -> ConditionEvaluationResult.enabled("all is there"));
        }

        private static Thing make(Class<? extends Thing> thing) {
            try {
                return thing.getDeclaredConstructor().newInstance();
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(thing + " has no constructor for tests", e);
            }
        }
    }
}
